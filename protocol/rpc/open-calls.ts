/** Calls of the other side that are open, or whose handler still works: how many, and what they hold. */
import { VaultError } from '../errors.ts';
import { rpc } from '../limits.ts';

export class OpenCalls {
  readonly #callsMax: number;
  #calls = 0;
  /** Of their requests, which no credit covers. */
  #bytes = 0;

  constructor(callsMax: number) {
    this.#callsMax = callsMax;
  }

  /** Counts one more, until `done`, or says why there is no room for it. */
  begin(request: Buffer): VaultError | undefined {
    if (this.#calls >= this.#callsMax) return full(`more than ${String(this.#callsMax)} calls`);
    if (this.#bytes + request.length > rpc.openRequestBytesMax) {
      return full(`requests of more than ${String(rpc.openRequestBytesMax)} bytes`);
    }
    this.#calls += 1;
    this.#bytes += request.length;
    return undefined;
  }

  done(request: Buffer): void {
    this.#calls -= 1;
    this.#bytes -= request.length;
  }
}

function full(what: string): VaultError {
  return new VaultError('overload', { op: 'rpc.call', detail: `${what} at once` });
}
