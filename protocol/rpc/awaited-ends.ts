/**
 * Calls of this side whose answer is whole and that only miss their end. The other side may have so many of
 * our calls open and no more: it refuses the next one before it has ended one of these, and an end comes
 * before whatever was answered later. Whoever leaves more of them open does not mean to end them.
 */
import { rpc } from '../limits.ts';
import { violation } from './endings.ts';

export class AwaitedEnds {
  #calls = 0;

  /**
   * Counts one more, until what it returns is called.
   * @throws VaultError `peer-misbehaved` when that is too many
   */
  begin(): () => void {
    if (this.#calls >= rpc.streamsPerConnectionMax) {
      throw violation(`it leaves more than ${String(rpc.streamsPerConnectionMax)} calls open`);
    }
    this.#calls += 1;
    return () => {
      this.#calls -= 1;
    };
  }
}
