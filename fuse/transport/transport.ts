/** How requests come and answers go: implemented over /dev/fuse, and over a relay's socket. */

export interface TransportEvents {
  /**
   * One request. Its bytes may be written over after this returns, unless `keep` was called: then not
   * before what it gave was called.
   */
  onRequest(bytes: Buffer, keep: () => () => void): void;
  /** The mount is gone; `error` when that was not an unmount. Called once. */
  onEnd(error: Error | undefined): void;
}

export interface Transport {
  /** Sends an answer; the parts are one message. A request that is not waited for any more is no error. */
  reply(parts: readonly Uint8Array[]): void;
  /**
   * Tells the kernel something, some time later and never from here: a synchronous one waits for pages
   * whose answer it keeps from being given.
   */
  notify(message: Buffer): void;
  /** Lets the descriptor go. What others hold of it stays open. */
  close(): void;
}
