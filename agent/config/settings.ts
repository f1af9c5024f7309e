/**
 * Every setting of the agent, once: its kind, default, environment variable, flag and what it is for.
 * The file, the environment, the flags, `vault config` and the manual all follow this table.
 */
import { GiB, MiB, members, store } from '../../protocol/limits.ts';
import {
  boolean,
  bytes,
  choice,
  duration,
  integer,
  listenAddress,
  peerAddresses,
  text,
} from './kinds.ts';
import type { Kind } from './kinds.ts';

export interface Setting<T> {
  readonly kind: Kind<T>;
  /** Undefined only where the machine decides: `defaults` of `resolveConfig` gives it. */
  readonly default: T | undefined;
  readonly environment: string;
  /** The option of `vaultd start` that sets it, where there is one. */
  readonly flag: string | null;
  readonly description: string;
}

export const settings = {
  name: setting(text(1, members.labelBytesMax), {
    default: undefined,
    environment: 'VAULT_NAME',
    description: 'Name of this device, as other members see it. Default: the name of the machine.',
  }),
  listen: setting(listenAddress, {
    default: ':7420',
    environment: 'VAULT_LISTEN',
    flag: '--listen',
    description:
      'Where other devices reach this one; no host: every interface, port 0: a free one, which is kept.',
  }),
  'log.level': setting(choice(['debug', 'info', 'warn', 'error']), {
    default: 'info',
    environment: 'VAULT_LOG_LEVEL',
    description: 'The least important line that is logged.',
  }),
  'log.format': setting(choice(['auto', 'json', 'text']), {
    default: 'auto',
    environment: 'VAULT_LOG_FORMAT',
    description: 'One JSON object a line, or text for people; auto: text on a terminal.',
  }),
  'log.file-bytes-max': setting(bytes(1 * MiB, 1 * GiB), {
    default: 16 * MiB,
    environment: 'VAULT_LOG_FILE_BYTES_MAX',
    description: 'With --detach: a log file that grew to this is set aside; one old file is kept.',
  }),
  'peers.beacon': setting(boolean, {
    default: true,
    environment: 'VAULT_PEERS_BEACON',
    description: 'Find and be found by devices on the local network.',
  }),
  'peers.addresses': setting(peerAddresses(64), {
    default: [],
    environment: 'VAULT_PEERS_ADDRESSES',
    description: 'Addresses of other devices to try always.',
  }),
  'keys.rotate-after': setting(duration(3600, 3650 * 86_400), {
    default: 90 * 86_400,
    environment: 'VAULT_KEYS_ROTATE_AFTER',
    description:
      'On an admin: open a new epoch when the present one was in use for so long; never: only when asked.',
  }),
  'store.ballast-bytes': setting(bytes(0, 16 * GiB), {
    default: store.ballastBytes,
    environment: 'VAULT_STORE_BALLAST_BYTES',
    description: 'Size of the file that is given up so that deleting works on a full disk.',
  }),
  'store.free-bytes-min': setting(bytes(0, 1024 * GiB), {
    default: store.freeBytesMin,
    environment: 'VAULT_STORE_FREE_BYTES_MIN',
    description: 'With less free space than this, new writes are refused.',
  }),
  'store.direct-io': setting(boolean, {
    default: true,
    environment: 'VAULT_STORE_DIRECT_IO',
    description: 'Read the bytes of chunks past the page cache, where the file system does that.',
  }),
  'store.unnamed-after': setting(duration(1, 365 * 86_400), {
    default: 3600,
    environment: 'VAULT_STORE_UNNAMED_AFTER',
    description:
      'Chunks that no change names, as of uploads that were given up, go after so long; never: they stay.',
  }),
  'work.threads': setting(integer(0, 64), {
    default: 0,
    environment: 'VAULT_WORK_THREADS',
    description:
      'Worker threads for splitting, sealing and hashing; 0: as many as suit the machine.',
  }),
} as const;

export type ConfigKey = keyof typeof settings;

/** The type of each setting's value. */
export type ConfigValues = {
  readonly [Key in ConfigKey]: (typeof settings)[Key] extends Setting<infer Value> ? Value : never;
};

export const configKeys = Object.keys(settings) as readonly ConfigKey[];

export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(settings, key);
}

function setting<T>(
  kind: Kind<T>,
  rest: {
    readonly default: NoInfer<T> | undefined;
    readonly environment: string;
    readonly flag?: string;
    readonly description: string;
  },
): Setting<T> {
  return { flag: null, ...rest, kind };
}
