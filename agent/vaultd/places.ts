/** Where the home and the socket of a command line are, on this machine. */
import { homedir } from 'node:os';
import { resolvePlaces } from '../home/layout.ts';
import type { Places } from '../home/layout.ts';
import type { CommandLine } from './commands.ts';

/** @throws VaultError `usage` */
export function placesOf(line: CommandLine): Places {
  return resolvePlaces({
    homeFlag: line.home,
    socketFlag: line.socket,
    environment: process.env,
    userHome: homedir(),
    workingDirectory: process.cwd(),
  });
}
