// Runs scripts of package.json side by side, as many at a time as there are cores: `node tools/at-once.js NAME…`, the
// longest first. What one says is printed in one piece when it ends. When one fails it fails, after all have ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

const waiting = process.argv.slice(2);
await Promise.all(Array.from({ length: availableParallelism() }, lane));

async function lane() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name);
}

async function run(name) {
  const child = spawn('npm', ['run', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => said.push(piece));
  const [status] = await once(child, 'close');
  process.stdout.write(Buffer.concat(said));
  if (status !== 0) process.exitCode = 1;
}
