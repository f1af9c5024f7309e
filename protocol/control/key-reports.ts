/** The reports about the keys of a device at rest. */

/** Answer of `unlock`, `lock` and `passphrase`. */
export interface LockReport {
  readonly deviceId: string;
  /** The keys are not in memory: only `unlock`, `status`, `doctor` and `shutdown` are answered. */
  readonly locked: boolean;
  /** A passphrase protects the keys on the disk. */
  readonly passphrase: boolean;
}

/** Answer of `keysBackup`. */
export interface KeysBackupReport {
  readonly deviceId: string;
  readonly name: string;
  readonly role: string;
  /** The owner's key is in it. */
  readonly owner: boolean;
  /** The file, base64. */
  readonly backup: string;
}
