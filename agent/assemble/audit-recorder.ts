/**
 * Decides what of all that happens becomes an entry of the audit log, and how often: deeds of the person
 * who runs this device and changes of who belongs to the vault always, what others can cause as a tally.
 * Never a name or a path of the vault: the log is not sealed.
 */
import type { EventRecord, MountRow } from '../../protocol/control/reports.ts';
import type { StartOptions } from '../agent.types.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { changedSettings } from '../audit/config-print.ts';
import { MassChanges } from '../audit/mass-change.ts';
import { Tally } from '../audit/tally.ts';
import type { Config } from '../config/config.ts';
import type { MountControl } from '../control/context.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { deriveKey } from '../members/derive.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import type { Clock, Disk, Log, Ports } from '../ports.ts';

export interface AuditRecorderParts {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly log: Log;
}

/** Who belongs to the vault and with which keys: each change is signed, and kept by everybody. */
const ofMembers = /^(member|members-log|owner|issuer|cutoff|role|epoch|branch|approval)-/;
/** Events that one person causes, one by one. */
const always: ReadonlySet<string> = new Set([
  'config-changed',
  'keys-backup',
  'keys-locked',
  'passphrase-changed',
  'passphrase-removed',
  'passphrase-set',
]);

export class AuditRecorder {
  readonly #parts: AuditRecorderParts;
  readonly #tally: Tally;
  readonly #mass = new MassChanges();
  #armed = false;

  constructor(parts: AuditRecorderParts) {
    this.#parts = parts;
    this.#tally = new Tally(parts.clock, (entry) => {
      parts.audit.add(entry);
    });
  }

  /** Of events, whatever is worth a warning, and a few that are not. */
  event({ type, message, subject, level }: EventRecord): void {
    const entry = { type, message, subject, level };
    if (always.has(type) || ofMembers.test(type)) this.#parts.audit.add(entry);
    else if (level !== undefined && level !== 'info') this.#tally.add(entry);
    else if (type === 'chunks-mended' || type === 'store-index-rebuilt') this.#tally.add(entry);
  }

  /** The agent starts: with which settings, and which of them are others than at the start before. */
  async started(config: Config, version: string): Promise<void> {
    const { audit, disk, log } = this.#parts;
    audit.add({ type: 'agent-started', message: `the agent started, version ${version}` });
    try {
      const changed = await changedSettings(disk, config.describe());
      if (changed.length > 0) {
        const message = `settings are others than at the last start: ${changed.join(', ')}`;
        audit.add({ type: 'config-changed', message, level: 'warning' });
      }
    } catch (error) {
      log.warn({ err: error }, 'it is not known whether the configuration changed');
    }
  }

  /** What was stored before is in the tree; from now on what others write is looked at. */
  watch(): void {
    this.#armed = true;
  }

  batches(batches: readonly OpenedBatch[]): void {
    if (!this.#armed) return;
    for (const { author, body } of batches) {
      let deleted = 0;
      let overwritten = 0;
      for (const op of body.ops) {
        if (op.type === 'unlink' || op.type === 'remove-directory') deleted += 1;
        else if (op.type === 'write' || ('over' in op && op.over !== undefined)) overwritten += 1;
      }
      const mass = this.#mass.note(
        { author, deleted, overwritten },
        this.#parts.clock.monotonicMs(),
      );
      if (mass === undefined) continue;
      this.#parts.audit.add({
        type: 'mass-change',
        message: `${String(mass.deleted)} deletions and ${String(mass.overwritten)} overwritten files of one device within a minute`,
        subject: author,
        level: 'warning',
      });
    }
  }

  /** The same mounts, on the record. */
  mounts(mounts: MountControl): MountControl {
    const record = (type: string, message: string, { path }: MountRow): void => {
      this.#parts.audit.add({ type, message, subject: path });
    };
    return {
      rows: () => mounts.rows(),
      trace: () => mounts.trace(),
      about: (path, node) => mounts.about(path, node),
      async mount(options) {
        const row = await mounts.mount(options);
        record('mounted', 'the vault was mounted', row);
        return row;
      },
      async unmount(directory, options) {
        const row = await mounts.unmount(directory, options);
        record('unmounted', 'a mount was taken away', row);
        return row;
      },
    };
  }

  close(): void {
    this.#tally.close();
    this.#parts.audit.add({ type: 'agent-stopped', message: 'the agent ended' });
  }
}

/** Opens the record of one run of the agent: seals the log, and says what is new about this start. */
export async function startRecording(
  { clock, disk, log }: Pick<Ports, 'clock' | 'disk' | 'log'>,
  run: {
    readonly audit: AuditLog;
    readonly identity: DeviceIdentity;
    readonly options: Pick<StartOptions, 'config' | 'version'>;
  },
): Promise<AuditRecorder> {
  const { audit, identity, options } = run;
  const recorder = new AuditRecorder({ audit, clock, disk, log: log.child('audit') });
  await audit.sealWith(deriveKey(identity.secrets.signSeed.reveal(), 'device/audit'));
  await recorder.started(options.config, options.version);
  return recorder;
}
