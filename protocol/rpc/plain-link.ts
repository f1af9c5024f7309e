/**
 * Frames over a stream of bytes as they are, without encryption: the control socket, which the
 * operating system guards.
 */
import type { FrameLink } from './rpc.ts';

/** What `agent/ports.ts` calls a ByteStream, as far as it is needed here. */
export interface PlainStream {
  send(parts: readonly Uint8Array[]): Promise<void>;
  receive(): Promise<Buffer | undefined>;
  end(): void;
  destroy(): void;
}

export function createPlainLink(stream: PlainStream): FrameLink {
  return {
    send(groups) {
      return stream.send(groups.flat());
    },
    receive: () => stream.receive(),
    end: () => {
      stream.end();
    },
    destroy: () => {
      stream.destroy();
    },
  };
}
