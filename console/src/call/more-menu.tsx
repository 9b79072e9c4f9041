import {
  GridIcon,
  KeyboardIcon,
  PeopleIcon,
  ScreenIcon,
  ScreenStopIcon,
  SettingsIcon,
  SpotlightIcon,
} from "../components/icons";
import { MenuItem } from "../components/popover";
import { isMac } from "../hooks/is-mac";
import type { Reaction } from "../model/reactions";
import { keysOf } from "../model/shortcuts";
import type { Layout } from "../model/stage";
import { ReactionRow } from "./reactions";

interface MoreMenuProps {
  /** The menu has what has no room beside it, too. */
  readonly isNarrow: boolean;
  readonly layout: Layout;
  readonly headcount: number;
  readonly waiting: string;
  /** Screen sharing, where the browser can. */
  readonly screen: { readonly isOn: boolean; toggle(): void } | null;
  onPeople(): void;
  onLayout(): void;
  onReact(reaction: Reaction): void;
  onSettings(): void;
  onHelp(): void;
  close(): void;
}

/** What is needed more rarely. */
export function MoreMenu(props: MoreMenuProps) {
  const { isNarrow, layout, headcount, waiting, screen, close } = props;
  const choosing = (action: () => void) => () => {
    // First, so that the focus is back before a dialog remembers where it was.
    close();
    action();
  };
  return (
    <div className="menu">
      {isNarrow ? (
        <>
          <ReactionRow
            onReact={(reaction) => {
              close();
              props.onReact(reaction);
            }}
          />
          <MenuItem
            icon={<PeopleIcon />}
            words="People"
            note={waiting === "" ? String(headcount) : `${waiting} waiting`}
            onChoose={choosing(props.onPeople)}
            testId="people-toggle"
          />
          {screen === null ? null : (
            <MenuItem
              icon={screen.isOn ? <ScreenStopIcon /> : <ScreenIcon />}
              words={screen.isOn ? "Stop sharing the screen" : "Share the screen"}
              onChoose={choosing(screen.toggle)}
              testId="screen-toggle"
            />
          )}
        </>
      ) : null}
      <MenuItem
        icon={layout === "grid" ? <SpotlightIcon /> : <GridIcon />}
        words={layout === "grid" ? "Show who speaks in large" : "Show everyone alike"}
        note={isNarrow ? "" : keysOf("layout", isMac())}
        onChoose={choosing(props.onLayout)}
        testId="layout-toggle"
      />
      <MenuItem
        icon={<SettingsIcon />}
        words="Audio and video"
        onChoose={choosing(props.onSettings)}
        testId="settings-button"
      />
      <MenuItem
        icon={<KeyboardIcon />}
        words="Keyboard shortcuts"
        note={isNarrow ? "" : keysOf("help", isMac())}
        onChoose={choosing(props.onHelp)}
        testId="help-button"
      />
    </div>
  );
}
