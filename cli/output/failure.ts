/** A failure as it is shown: two lines for people, one JSON object for scripts. Pure. */
import { failureWords } from '../../protocol/errors.ts';
import type { VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';

/** What helps when client and agent do not understand each other. */
export const sameVersion =
  'vault --version and vault status --json show both versions: restart the agent after an update';

/** `vault: what failed: on what (detail)` and `  try: what next`. */
export function failureText(error: VaultError): string {
  const subject = error.subject === undefined ? '' : `: ${error.subject}`;
  const { what, detail } = failureWords(error.code, error.detail);
  const lines = [`vault: ${what}${subject}${detail === undefined ? '' : ` (${detail})`}`];
  if (error.next !== undefined) lines.push(`  try: ${error.next}`);
  return lines.map(escapeText).join('\n');
}

export interface FailureJson {
  readonly code: string;
  readonly op: string;
  readonly subject: string | null;
  readonly message: string;
  readonly next: string | null;
}

export function failureJson(error: VaultError): FailureJson {
  return {
    code: error.code,
    op: error.op,
    subject: error.subject ?? null,
    message: error.message,
    next: error.next ?? null,
  };
}
