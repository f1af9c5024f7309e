/** The report about the audit log. */

/** Answer of `auditVerify`: what `vault audit --verify --json` prints. */
export interface AuditReport {
  /** No entry was changed, moved or taken away. */
  readonly whole: boolean;
  /** Entries that are right, up to the first that is not. */
  readonly entries: number;
  /** Numbers of the first and the last of them; 0: there is none. */
  readonly first: number;
  readonly last: number;
  /** Up to which number the seal of this device vouches; 0: there is none yet. */
  readonly sealed: number;
  readonly broken: {
    /** The number that the entry has, or should have; null: nobody knows. */
    readonly sequence: number | null;
    /** Below the home. */
    readonly file: string;
    readonly reason: string;
  } | null;
}
