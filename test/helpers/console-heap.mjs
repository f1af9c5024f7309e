/**
 * Loaded into a console whose memory is measured (`NODE_OPTIONS=--import`): at SIGUSR2 it collects all
 * garbage and writes what is left to the file that HEAP_FILE names, in bytes.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const file = process.env.HEAP_FILE;

process.on('SIGUSR2', () => {
  collect();
  writeFileSync(`${file}.new`, String(process.memoryUsage().heapUsed));
  renameSync(`${file}.new`, file);
});
