/** Reads the audit log and follows it, while it is shown. */
import type { Watch } from '../view.ts';
import type { ActivityMessage } from './slice.ts';

/** Older entries are for `vault audit`. */
const shownMs = 30 * 24 * 3600 * 1000;

const wrap = (message: ActivityMessage) => ({ type: 'view', view: 'activity', message }) as const;

export const auditWatch: Watch = {
  key: 'audit',
  async run(client, { emit, nowMs }) {
    emit(wrap({ type: 'audit', records: [], afresh: true }));
    const sinceMs = nowMs() - shownMs;
    for await (const record of client.audit({ sinceMs, follow: true })) {
      emit(wrap({ type: 'audit', records: [record], afresh: false }));
    }
  },
  failed: (error) => wrap({ type: 'audit-failed', error }),
};
