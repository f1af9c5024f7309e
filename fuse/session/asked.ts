/** What is asked and answered: the types that all parts of the table of answers share. */
import { reply } from '../protocol/reply.ts';
import type { Header, Request } from '../protocol/request.ts';
import type { Inode } from '../operations/inode.ts';
import type { Asking } from './asking.ts';

/** The parts of one message. */
export type Answer = readonly Uint8Array[];

export interface Asked<R extends Request = Request> {
  readonly header: Header;
  readonly request: R;
  /** The node that the request is about; of a name, its directory. */
  readonly inode: Inode;
  readonly keep: () => () => void;
  readonly asking: Asking;
}

/** The requests that may have this operation: some have one shape with others. */
type RequestOf<Op, R = Request> = R extends { readonly op: infer Own }
  ? Op extends Own
    ? R
    : never
  : never;
export type Of<Op extends Request['op']> = Asked<RequestOf<Op> & Request>;

export const none = (header: Header): Answer => [reply(header, 0)];
