/**
 * The `config.toml` of a new home: the name that was chosen, and every other setting as a comment
 * with its meaning and default, so that nobody needs a manual to change one.
 */
import { configKeys, settings } from './settings.ts';
import type { ConfigKey, Setting } from './settings.ts';

/** Text of a new `config.toml`. */
export function configTemplate(chosen: { readonly name: string }): string {
  const tables = new Map<string, ConfigKey[]>();
  for (const key of configKeys) {
    const table = key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
    tables.set(table, [...(tables.get(table) ?? []), key]);
  }
  const blocks = [...tables].map(([table, keys]) => {
    const head = table === '' ? '' : `[${table}]\n`;
    return head + keys.map((key) => lineOf(key, chosen)).join('');
  });
  return `# A flag beats an environment variable, which beats this file: vault config explain KEY\n\n${blocks.join('\n')}`;
}

function lineOf(key: ConfigKey, chosen: { readonly name: string }): string {
  const setting: Setting<unknown> = settings[key];
  const own = key.slice(key.indexOf('.') + 1);
  const help = `# ${setting.description} (${setting.environment})\n`;
  return key === 'name'
    ? `${help}${own} = ${JSON.stringify(chosen.name)}\n`
    : `${help}# ${own} = ${JSON.stringify(setting.default)}\n`;
}
