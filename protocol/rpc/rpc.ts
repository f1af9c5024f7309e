/**
 * Calls over one connection: what the peer wire and the control socket have in common. Unary calls,
 * streams both ways, cancel, deadline, credit. `connection.ts` implements it over any `FrameLink`;
 * it knows neither Noise nor sockets.
 */
import type { VaultError } from '../errors.ts';

/** Carries whole frames in order. Below it is a Noise record layer, or a plain socket. */
export interface FrameLink {
  /**
   * Sends whole frames in groups that fit one record each, a group as its pieces. Resolves when they are
   * used up and there is room for more: until then nobody may write over them.
   */
  send(groups: readonly (readonly Uint8Array[])[]): Promise<void>;
  /** The next bytes; frames may be cut anywhere. undefined at the end. */
  receive(): Promise<Buffer | undefined>;
  /** The next bytes where no waiting is needed for them; undefined says nothing. Absent where that is never so. */
  receiveNow?(): Buffer | undefined;
  /** Nobody looks at received bytes any more. @default their memory is freed */
  giveBack?(piece: Buffer): void;
  end(): void;
  destroy(): void;
}

/** One item of a stream. */
export type StreamItem =
  | { readonly type: 'message'; readonly bytes: Buffer }
  | { readonly type: 'data'; readonly bytes: Buffer };

/** Where DATA of a known length goes. */
export interface DataSink {
  /** Of all of it; at least 1. */
  readonly length: number;
  /** Memory of that length, asked for when the first byte is here. It may hold anything. */
  allocate(): Buffer;
  onBytes?(bytes: number): void;
}

/** Reads an answer of messages, each with DATA of a known length behind it. */
export interface BodyReader {
  /** Nothing more is expected. */
  readonly isDone: boolean;
  /** @returns where what is behind the message goes; undefined: nothing is. @throws VaultError what ends the reading */
  onHead(message: Buffer): DataSink | undefined;
  onBody(whole: Buffer): void;
}

/** One call, seen from either end. */
export interface CallStream {
  /** Sends one protobuf message. Waits for credit. @throws the failure of the other side, or `closed` */
  sendMessage(bytes: Uint8Array): Promise<void>;
  /** Sends raw bytes, in as many frames as it takes. Waits for credit. The bytes may be reused after. */
  sendData(bytes: Uint8Array): Promise<void>;
  /** Nothing more from this side. The answering side's end finishes the call. */
  end(): void;
  /**
   * The next item; undefined after the other side's end. Taking an item gives credit back.
   * @throws VaultError the failure that the other side sent, `timeout`, `cancelled`, `closed`
   */
  receive(): Promise<StreamItem | undefined>;
  /**
   * Exactly so many bytes of DATA, put into their place as they come; that takes fewer steps and copies than
   * taking them item by item.
   * @throws VaultError `peer-misbehaved` when something else comes before, or more in one piece; as `receive`
   */
  receiveData(sink: DataSink): Promise<Buffer>;
  /**
   * The same for a whole answer: no frame of it waits until somebody has heard of the one before. Resolves when
   * the reader is done.
   * @throws what the reader throws; as `receiveData`
   */
  receiveBodies(reader: BodyReader): Promise<void>;
  /**
   * Nothing is expected any more but the end. What comes instead is not kept and ends the connection; a call
   * that is not ended in time is given up.
   * @throws VaultError `peer-misbehaved` when more than the end has come, or when the other side leaves more
   *   calls open than it may
   */
  expectEnd(): void;
  /** Ends both directions with a failure that the other side receives. */
  fail(error: VaultError): void;
  /** Aborted when the other side cancels or fails, the deadline passes or the connection closes. */
  readonly signal: AbortSignal;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** @default none */
  readonly deadlineMs?: number | undefined;
  /** So many bytes will be answered, as far as is known: they are promised at once. @default unknown */
  readonly answerBytes?: number | undefined;
}

/**
 * Answers one incoming call. It owns `stream`; when it returns, the stream is ended; when it throws,
 * the error is sent as the stream's failure.
 */
export type CallHandler = (call: {
  readonly method: number;
  readonly request: Buffer;
  readonly stream: CallStream;
}) => Promise<void>;

export interface RpcConnection {
  /**
   * Opens a stream. Whoever calls reads it to its end, or fails it: what waits unread holds credit of
   * the whole connection.
   */
  call(method: number, request: Uint8Array, options?: CallOptions): CallStream;
  /** Sends GOODBYE, lets open streams fail, closes. */
  close(reason: GoodbyeReason, detail?: string): Promise<void>;
  /** Round trip of the last ping, milliseconds. */
  readonly rttMs: number | undefined;
  /** Resolves when the connection is gone, with the reason. */
  readonly closed: Promise<VaultError>;
}

export const goodbyeReasons = {
  'shutting-down': 1,
  rekey: 2,
  'protocol-error': 3,
  'not-member': 4,
  replaced: 5,
  overload: 6,
} as const;

export type GoodbyeReason = keyof typeof goodbyeReasons;

/** Time, for pings and deadlines; `agent/ports.ts` Clock fits. */
export interface RpcClock {
  monotonicMs(): number;
  after(delayMs: number, action: () => void): { cancel(): void };
}
