/**
 * The kinds of values that a setting may have: how each is read from TOML and from the text of a flag
 * or an environment variable, and what it allows. A kind answers a problem as a clause for people;
 * `resolve.ts` says where it was found.
 */
import { GiB, KiB, MiB, members } from '../../protocol/limits.ts';
import { parseListenAddress, parsePeerAddress } from './address.ts';

export type Reading<T> = { readonly value: T } | { readonly problem: string };

export interface Kind<T> {
  /** For people: `text`, `bytes`, … */
  readonly type: string;
  /** What is allowed, for people; null when anything of the type is. */
  readonly allowed: string | null;
  /** Reads a value of a TOML document. */
  fromToml(raw: unknown): Reading<T>;
  /** Reads the text of a flag or of an environment variable. */
  fromText(text: string): Reading<T>;
}

/** Text of `min` to `max` bytes of UTF-8 without control characters. */
export function text(bytesMin: number, bytesMax: number): Kind<string> {
  return textKind('text', `${String(bytesMin)} to ${String(bytesMax)} bytes`, (value) => {
    const bytes = Buffer.byteLength(value, 'utf8');
    if (bytes < bytesMin || bytes > bytesMax) {
      return { problem: `has ${String(bytes)} bytes` };
    }
    if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) return { problem: 'has control characters' };
    return { value };
  });
}

/** One of a closed list. */
export function choice<const Value extends string>(values: readonly Value[]): Kind<Value> {
  return textKind('choice', values.join('|'), (value) => {
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? { problem: `is ${quote(value)}` } : { value: found };
  });
}

/** `HOST:PORT` to listen on; an empty host is every interface, port 0 is any free one. */
export const listenAddress: Kind<string> = textKind(
  'address',
  'HOST:PORT, :PORT or [IPV6]:PORT, port 0 to 65535',
  parseListenAddress,
);

export const boolean: Kind<boolean> = {
  type: 'boolean',
  allowed: 'true|false',
  fromToml: (raw) =>
    typeof raw === 'boolean' ? { value: raw } : { problem: `is ${describeRaw(raw)}` },
  fromText(text) {
    if (text === 'true' || text === '1') return { value: true };
    if (text === 'false' || text === '0') return { value: false };
    return { problem: `is ${quote(text)}` };
  },
};

/** A whole number from `min` to `max`, both allowed. */
export function integer(min: number, max: number): Kind<number> {
  return numberKind('integer', { min, max, allowed: `${String(min)} to ${String(max)}` }, (text) =>
    /^\d{1,15}$/.test(text) ? Number(text) : undefined,
  );
}

/** A number of bytes, plain or as text with KiB, MiB or GiB. */
export function bytes(min: number, max: number): Kind<number> {
  return numberKind(
    'bytes',
    { min, max, allowed: `${formatBytes(min)} to ${formatBytes(max)}` },
    parseBytes,
  );
}

/** A time in seconds, plain or as text with s, m, h or d; `never` is 0. */
export function duration(minS: number, maxS: number): Kind<number> {
  const allowed = `never, or ${formatDuration(minS)} to ${formatDuration(maxS)}`;
  const inRange = (value: number): Reading<number> =>
    value !== 0 && (value < minS || value > maxS)
      ? { problem: `is ${String(value)} s` }
      : { value };
  const fromText = (text: string): Reading<number> => {
    const value = parseDuration(text.trim());
    return value === undefined ? { problem: `is ${quote(text)}` } : inRange(value);
  };
  return {
    type: 'duration',
    allowed,
    fromText,
    fromToml(raw) {
      if (typeof raw === 'string') return fromText(raw);
      const value = typeof raw === 'bigint' ? Number(raw) : raw;
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? inRange(value)
        : { problem: `is ${describeRaw(raw)}` };
    },
  };
}

/** A list of `HOST:PORT` of other devices; as text, separated by commas. */
export function peerAddresses(countMax: number): Kind<readonly string[]> {
  const read = (raw: readonly unknown[]): Reading<readonly string[]> => {
    if (raw.length > countMax) return { problem: `has ${String(raw.length)} addresses` };
    const addresses: string[] = [];
    for (const item of raw) {
      if (typeof item !== 'string') return { problem: `has ${describeRaw(item)} in it` };
      const reading = parsePeerAddress(item);
      if ('problem' in reading) return { problem: `has an address that ${reading.problem}` };
      addresses.push(reading.value);
    }
    return { value: addresses };
  };
  return {
    type: 'addresses',
    allowed: `up to ${String(countMax)} of HOST:PORT, each up to ${String(members.addressBytesMax)} bytes`,
    fromToml: (raw) => (Array.isArray(raw) ? read(raw) : { problem: `is ${describeRaw(raw)}` }),
    fromText: (text) => read(text.trim() === '' ? [] : text.split(',').map((item) => item.trim())),
  };
}

function textKind<T extends string>(
  type: string,
  allowed: string,
  parse: (text: string) => Reading<T>,
): Kind<T> {
  return {
    type,
    allowed,
    fromToml: (raw) =>
      typeof raw === 'string' ? parse(raw) : { problem: `is ${describeRaw(raw)}` },
    fromText: parse,
  };
}

function numberKind(
  type: string,
  range: { readonly min: number; readonly max: number; readonly allowed: string },
  parse: (text: string) => number | undefined,
): Kind<number> {
  const check = (value: number): Reading<number> =>
    value < range.min || value > range.max ? { problem: `is ${String(value)}` } : { value };
  const fromText = (text: string): Reading<number> => {
    const value = parse(text.trim());
    return value === undefined ? { problem: `is ${quote(text)}` } : check(value);
  };
  return {
    type,
    allowed: range.allowed,
    fromText,
    fromToml(raw) {
      if (typeof raw === 'string') return fromText(raw);
      const value = typeof raw === 'bigint' ? Number(raw) : raw;
      return typeof value === 'number' && Number.isSafeInteger(value)
        ? check(value)
        : { problem: `is ${describeRaw(raw)}` };
    },
  };
}

const byteUnits = { '': 1, B: 1, KiB, MiB, GiB } as const;

function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,15}) ?(B|KiB|MiB|GiB|)$/.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) * byteUnits[match[2] as keyof typeof byteUnits];
  return Number.isSafeInteger(value) ? value : undefined;
}

function formatBytes(count: number): string {
  if (count !== 0) {
    for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
      if (count % byteUnits[unit] === 0) return `${String(count / byteUnits[unit])} ${unit}`;
    }
  }
  return String(count);
}

const secondsPerUnit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 } as const;

function parseDuration(text: string): number | undefined {
  if (text === 'never') return 0;
  const match = /^(\d{1,10}) ?([smhd]|)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * secondsPerUnit[match[2] as keyof typeof secondsPerUnit];
}

function formatDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    if (seconds % secondsPerUnit[unit] === 0) {
      return `${String(seconds / secondsPerUnit[unit])}${unit}`;
    }
  }
  return `${String(seconds)}s`;
}

function describeRaw(raw: unknown): string {
  if (typeof raw === 'string') return quote(raw);
  if (Array.isArray(raw)) return 'a list';
  if (raw instanceof Date) return 'a date';
  if (typeof raw === 'object') return 'a table';
  return String(raw);
}

/** Foreign text inside a message: bounded, and with everything unprintable escaped. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
