/**
 * Processes that a program starts keep compiled code where it does itself; the launcher has said where. It is
 * a directory of the user's own.
 */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** To be added to their environment. */
export function compileCacheEnvironment(): { readonly NODE_COMPILE_CACHE?: string } {
  const directory = getCompileCacheDir();
  // The runtime makes a directory for its version below the one that it is told.
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}
