import type { Ending } from "./call-state";

/** What an end screen says, and the way back that it offers. */
export interface EndingWords {
  readonly title: string;
  readonly detail: string;
  /** Set where joining again can work; the words on the button. */
  readonly again: string | null;
  /** The remedy is a token: the screen shows how to make one. */
  readonly needsToken: boolean;
}

/** The words for the end of a call. */
export function endingWords(ending: Ending, roomName: string): EndingWords {
  switch (ending.kind) {
    case "left":
      return words("You left the call", `“${roomName}” goes on without you.`, "Join again");
    case "kicked":
      return words("You were removed from the call", said(ending, "A moderator removed you from this room."), null);
    case "replaced":
      return words(
        "This call is open somewhere else",
        "You joined with the same identity from another tab or device, and that one took over.",
        "Continue here",
      );
    case "roomEnded":
      return words("The call has ended", said(ending, "A moderator ended it for everyone."), "Open the room again");
    case "refused":
      return words("You were not let in", said(ending, "A moderator turned the request down."), "Ask again");
    case "tokenExpired":
      return words("Your access has expired", "The access token ran out during the call.", "Join again");
    case "timedOut":
      return words(
        "The connection was lost for too long",
        "Your place in the room was given up. The call may well go on.",
        "Join again",
      );
    case "lost":
      return words(
        "The connection could not be restored",
        "The server did not answer for a long time. Check that you are online.",
        "Join again",
      );
    case "failed":
      return failureWords(ending, roomName);
  }
}

function failureWords(ending: Ending, roomName: string): EndingWords {
  switch (ending.code) {
    case "no_token":
      return {
        title: "You need an invitation",
        detail: "This server gives out no access by itself. Ask whoever runs it for a link, or make a token:",
        again: null,
        needsToken: true,
      };
    case "unauthenticated":
      return {
        title: "The server does not accept your access token",
        detail: said(ending, "It may be cut short, made with another key, or meant for another server."),
        again: null,
        needsToken: true,
      };
    case "token_expired":
      return {
        title: "Your invitation has expired",
        detail: "Ask for a new link, or make a new token:",
        again: null,
        needsToken: true,
      };
    case "permission_denied":
      return words("You may not join this room", said(ending, "Your access token does not cover it."), null);
    case "room_full":
      return words("The room is full", `“${roomName}” has as many people as it takes.`, "Try again");
    case "room_locked":
      return words("The room is locked", "A moderator has closed the door. Ask them to unlock it.", "Try again");
    case "room_ended":
      return words("The call has ended", said(ending, "It ended while you were joining."), "Open the room again");
    case "identity_taken":
      return words(
        "You are in this room already",
        "The same identity is in the call from another tab or device.",
        "Try again",
      );
    case "banned":
      return words("You were removed from this room", "A moderator removed you, and you cannot come back.", null);
    case "rate_limited":
      return words("Too many attempts", "The server asks you to wait for a moment.", "Try again");
    case "origin_denied":
      return words(
        "This address may not be used here",
        "The server does not accept calls from this page’s address.",
        null,
      );
    case "insecure_context":
      return words("This browser cannot make calls here", "Calls need https, or localhost.", null);
    case "unsupported_browser":
      return words(
        "This browser cannot make calls",
        "It has no WebRTC. A current Chrome, Edge, Firefox or Safari has.",
        null,
      );
    case undefined:
    default:
      return words(
        "The call could not be joined",
        said(ending, "The server does not answer. Check that it runs and that you are online."),
        "Try again",
      );
  }
}

function words(title: string, detail: string, again: string | null): EndingWords {
  return { title, detail, again, needsToken: false };
}

/** What was said about it where something was, else the standing words. */
function said(ending: Ending, otherwise: string): string {
  const message = ending.message.trim();
  if (message === "") return otherwise;
  const sentence = message.charAt(0).toLocaleUpperCase() + message.slice(1);
  return /[.!?…]$/u.test(sentence) ? sentence : `${sentence}.`;
}
