/** `vault config set KEY VALUE` and `config unset KEY`: changes `config.toml` of the agent. */
import { escapeText } from '../../protocol/text/escape.ts';
import type { Handler, Invocation } from '../invocation.ts';

export const configSet: Handler = async (invocation) => {
  const [key = '', value = ''] = invocation.line.operands;
  return change(invocation, { key, value });
};

export const configUnset: Handler = async (invocation) => {
  const [key = ''] = invocation.line.operands;
  return change(invocation, { key, value: undefined });
};

async function change(
  { output, client }: Invocation,
  request: { readonly key: string; readonly value: string | undefined },
): ReturnType<Handler> {
  const report = await (await client()).configSet(request);
  if (output.json) {
    output.value(report);
    return 0;
  }
  output.note(
    report.changed
      ? 'changed; it counts from the next start of the agent: vaultd stop, vaultd start'
      : 'it was so already',
  );
  if (report.stronger !== null) {
    output.note(escapeText(`this agent was started with ${report.stronger}, which beats the file`));
  }
  return 0;
}
