/** An error as it is shown: its sentence and its next step, escaped. Pure. */
import type { VaultError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/text/escape.ts';
import type { Failure } from '../state/resources.ts';

export function failureOf(error: VaultError): Failure {
  return {
    code: error.code,
    message: escapeText(error.message),
    ...(error.next === undefined ? {} : { next: escapeText(error.next) }),
  };
}
