/**
 * The closed list of what can go wrong, with the number that each code has on the wire. Numbers are
 * fixed and only ever added. Each border translates once, by a table that does not compile when a
 * code is missing: `cli/exit-status.ts`, `fuse/errno.ts`.
 *
 * An expected failure is a `VaultError`: what failed (`op`), on what (`subject`), why (`detail`,
 * `cause`) and what to try (`next`). A broken invariant of our own is an `assert`, never one of these.
 */

export const errorCodes = {
  internal: 1,
  usage: 2,
  malformed: 3,
  'not-found': 4,
  exists: 5,
  'not-directory': 6,
  'is-directory': 7,
  'not-empty': 8,
  'name-invalid': 9,
  'name-too-long': 10,
  conflict: 11,
  denied: 12,
  'read-only': 13,
  'no-agent': 14,
  'agent-running': 15,
  'disk-full': 16,
  'quota-full': 17,
  damaged: 18,
  io: 19,
  'chunk-missing': 20,
  'peer-unreachable': 21,
  'peer-untrusted': 22,
  'peer-misbehaved': 23,
  'protocol-version': 24,
  'wrong-vault': 25,
  'ticket-invalid': 26,
  'ticket-used': 27,
  'ticket-expired': 28,
  'not-member': 29,
  timeout: 30,
  cancelled: 31,
  'too-large': 32,
  overload: 33,
  'port-in-use': 34,
  'config-invalid': 35,
  'home-invalid': 36,
  'home-newer': 37,
  'no-key': 38,
  locked: 39,
  'source-changed': 40,
  'not-supported': 41,
  closed: 42,
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorFields {
  /** `module.function`, e.g. `vault.put`. */
  readonly op: string;
  /** The path, device, file or key that it happened to. */
  readonly subject?: string | undefined;
  /** One clause that adds to the code's own sentence. */
  readonly detail?: string | undefined;
  /** What a person can do about it. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** What each code says when nothing more is known. */
export const errorSentences = {
  internal: 'something broke inside',
  usage: 'the command was not understood',
  malformed: 'the data is malformed',
  'not-found': 'no such file or directory',
  exists: 'it exists already',
  'not-directory': 'not a directory',
  'is-directory': 'is a directory',
  'not-empty': 'the directory is not empty',
  'name-invalid': 'this name is not allowed',
  'name-too-long': 'the name is too long',
  conflict: 'somebody else changed it at the same time',
  denied: 'not allowed',
  'read-only': 'this device may only read',
  'no-agent': 'no agent answers',
  'agent-running': 'an agent runs already',
  'disk-full': 'no space left on the disk',
  'quota-full': 'the quota is used up',
  damaged: 'the data is damaged',
  io: 'reading or writing failed',
  'chunk-missing': 'a part of the content is not on this device',
  'peer-unreachable': 'the other device cannot be reached',
  'peer-untrusted': 'the other side is not who it should be',
  'peer-misbehaved': 'the other device broke the protocol',
  'protocol-version': 'the other side speaks another version',
  'wrong-vault': 'this belongs to another vault',
  'ticket-invalid': 'the ticket is not valid',
  'ticket-used': 'the ticket was used already',
  'ticket-expired': 'the ticket has expired',
  'not-member': 'not a member of this vault',
  timeout: 'it took too long',
  cancelled: 'interrupted',
  'too-large': 'too large',
  overload: 'too busy',
  'port-in-use': 'the port is in use',
  'config-invalid': 'the configuration is not valid',
  'home-invalid': 'this is not a home of an agent',
  'home-newer': 'this home was written by a newer version',
  'no-key': 'this device does not have the key',
  locked: 'the identity is locked',
  'source-changed': 'the source changed while it was read',
  'not-supported': 'this is not supported',
  closed: 'it was closed',
} as const satisfies Record<ErrorCode, string>;

const codesByNumber = new Map<number, ErrorCode>(
  (Object.keys(errorCodes) as ErrorCode[]).map((code) => [errorCodes[code], code]),
);

/** The code of a wire number; an unknown number is `internal`. */
export function errorCodeFromNumber(number: number): ErrorCode {
  return codesByNumber.get(number) ?? 'internal';
}

export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: ErrorCode;
  readonly op: string;
  readonly subject: string | undefined;
  readonly detail: string | undefined;
  readonly next: string | undefined;

  constructor(code: ErrorCode, fields: ErrorFields) {
    // Whoever sends malformed data decides how often this happens, and a stack costs ten times the rest.
    const framesMax = Error.stackTraceLimit;
    if (code === 'malformed') Error.stackTraceLimit = 0;
    super(sentence(code, fields), fields.cause === undefined ? undefined : { cause: fields.cause });
    Error.stackTraceLimit = framesMax;
    this.code = code;
    this.op = fields.op;
    this.subject = fields.subject;
    this.detail = fields.detail;
    this.next = fields.next;
  }
}

/** Whether `error` is a `VaultError` of one of the codes. */
export function isVaultError(error: unknown, ...codes: readonly ErrorCode[]): error is VaultError {
  return error instanceof VaultError && (codes.length === 0 || codes.includes(error.code));
}

/** Any thrown value as a `VaultError`; one that is already passes through unchanged. */
export function toVaultError(error: unknown, op: string, subject?: string): VaultError {
  if (error instanceof VaultError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new VaultError('internal', { op, subject, detail, cause: error });
}

function sentence(code: ErrorCode, fields: ErrorFields): string {
  const head = fields.subject === undefined ? '' : `${fields.subject}: `;
  const { what, detail } = failureWords(code, fields.detail);
  return `${head}${what}${detail === undefined ? '' : ` (${detail})`}`;
}

/**
 * What a failure says, and what it adds to that. Not only files can be missing: a detail that says what there
 * is none of takes the place of the code's own sentence.
 */
export function failureWords(
  code: ErrorCode,
  detail: string | undefined,
): { readonly what: string; readonly detail: string | undefined } {
  return code === 'not-found' && detail?.startsWith('no ') === true
    ? { what: detail, detail: undefined }
    : { what: errorSentences[code], detail };
}
