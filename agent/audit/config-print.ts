/** Which settings are others than at the start before: a short hash of each is kept in `audit/config.json`. */
import { blake3Of } from '../../protocol/hash.ts';
import type { ConfigRow } from '../../protocol/control/reports.ts';
import { readJson, writeJson } from '../members/json-file.ts';
import type { Disk } from '../ports.ts';

const file = 'audit/config.json';
const format = 1;
const printHexLength = 16;

/** Keys, sorted; none at the first start. The present settings are what the next start compares with. */
export async function changedSettings(
  disk: Disk,
  rows: readonly Pick<ConfigRow, 'key' | 'value' | 'source'>[],
): Promise<readonly string[]> {
  const now = new Map(rows.map(({ key, value, source }) => [key, printOf([value, source])]));
  const fields = await readJson(disk, file);
  fields?.checkFormat(format);
  const before = fields?.list('settings').map((row) => {
    return [row.text('key', 256), row.text('print', printHexLength)] as const;
  });
  const old = new Map<string, string>(before);
  const changed =
    before === undefined ? [] : [...now].filter(([key, print]) => old.get(key) !== print);
  if (before === undefined || changed.length > 0) {
    const settings = [...now].map(([key, print]) => ({ key, print }));
    await writeJson(disk, file, { format, settings });
  }
  return changed.map(([key]) => key).sort();
}

function printOf(value: unknown): string {
  const bytes = Buffer.from(JSON.stringify(value), 'utf8');
  return blake3Of('peervault/1/audit-setting', bytes).toString('hex').slice(0, printHexLength);
}
