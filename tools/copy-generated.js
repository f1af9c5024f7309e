// The compiler copies no JavaScript: the generated protobuf modules follow it into dist/.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';

const source = new URL('../protocol/proto/', import.meta.url).pathname;
const target = new URL('../dist/protocol/proto/', import.meta.url).pathname;
mkdirSync(target, { recursive: true });
for (const name of readdirSync(source).filter((file) => file.endsWith('.js'))) {
  copyFileSync(source + name, target + name);
}
