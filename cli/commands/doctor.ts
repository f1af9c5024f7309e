/** `vault doctor`: checks of the installation. */
import type { DoctorReport } from '../../protocol/control/reports.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler } from '../invocation.ts';

export const doctor: Handler = async ({ output, client }) => {
  const report = await (await client()).doctor();
  if (output.json) output.value(report);
  else output.lines(doctorLines(report));
  return report.checks.some((check) => check.result === 'failed') ? 1 : 0;
};

const marks = { ok: 'ok     ', warning: 'WARNING', failed: 'FAILED ' } as const;

/** The report for people. */
export function doctorLines({ version, node, platform, checks }: DoctorReport): string[] {
  return [
    `peervault ${version}, Node ${node}, ${platform}`,
    ...checks.flatMap((check) => [
      `${marks[check.result]} ${check.name}: ${check.message}`,
      ...(check.next === undefined ? [] : [`        try: ${check.next}`]),
    ]),
  ].map(escapeText);
}
