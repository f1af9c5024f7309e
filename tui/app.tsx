/** The screen as the terminal library draws it: panels at their places, a text for each of their lines. */
import { memo, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Box, Text, useInput, usePaste } from 'ink';
import { keysOf } from './keymap/keys.ts';
import type { Runtime } from './runtime.ts';
import { compose } from './screen/compose.ts';
import { paintPanel } from './screen/panel.ts';
import type { Panel } from './screen/panel.ts';
import type { Theme } from './theme/theme.ts';

export interface AppProps {
  readonly runtime: Runtime;
  readonly theme: Theme;
}

export function App({ runtime, theme }: AppProps): ReactNode {
  const state = useSyncExternalStore(runtime.subscribe, runtime.state);
  useInput((input, key) => {
    for (const name of keysOf(input, key)) runtime.key(name);
  });
  usePaste((text) => {
    runtime.paste(text);
  });
  const panels = compose(state, theme);
  return (
    <Box width="100%" height={state.size.rows} overflow="hidden">
      {panels.map((panel) => (
        <PanelBox key={panel.id} panel={panel} theme={theme} />
      ))}
    </Box>
  );
}

/** Every cell of the rectangle is written: what lies below does not shine through. */
function PanelBox({ panel, theme }: { readonly panel: Panel; readonly theme: Theme }): ReactNode {
  const { x, y, width, height } = panel.rect;
  const lines = paintPanel(panel, theme);
  return (
    <Box position="absolute" left={x} top={y} width={width} height={height} flexDirection="column">
      {lines.map((line, at) => (
        // Lines have no identity other than their place.
        <Line key={at} text={line} />
      ))}
    </Box>
  );
}

const Line = memo(function Line({ text }: { readonly text: string }): ReactNode {
  return <Text wrap="truncate">{text}</Text>;
});
