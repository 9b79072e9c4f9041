import type { ReactNode, SVGProps } from "react";

type IconProps = SVGProps<SVGSVGElement>;

function Icon({ children, ...rest }: IconProps & { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width="22"
      height="22"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      {children}
    </svg>
  );
}

export function MicrophoneIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </Icon>
  );
}

export function MicrophoneOffIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M15 9.5V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.6 2.5" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5c0 .9-.2 1.8-.5 2.6M12 18v3M4 4l16 16" />
    </Icon>
  );
}

export function CameraIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3" y="6" width="12.5" height="12" rx="2.5" />
      <path d="m15.5 10.8 4.3-2.7a.8.8 0 0 1 1.2.7v6.4a.8.8 0 0 1-1.2.7l-4.3-2.7" />
    </Icon>
  );
}

export function CameraOffIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M10 6h3a2.5 2.5 0 0 1 2.5 2.5v2.3l4.3-2.7a.8.8 0 0 1 1.2.7v6.4a.8.8 0 0 1-1.2.7l-.6-.4" />
      <path d="M15.3 16.2A2.5 2.5 0 0 1 13 18H5.5A2.5 2.5 0 0 1 3 15.5v-7a2.5 2.5 0 0 1 2-2.45M4 4l16 16" />
    </Icon>
  );
}

export function ScreenIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3" y="4" width="18" height="13" rx="2.5" />
      <path d="M12 13.5V8m-2.5 2.2L12 7.7l2.5 2.5M8.5 20.5h7" />
    </Icon>
  );
}

export function ScreenStopIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3" y="4" width="18" height="13" rx="2.5" />
      <path d="m9.8 8.3 4.4 4.4m0-4.4-4.4 4.4M8.5 20.5h7" />
    </Icon>
  );
}

export function ChatIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M20 11.5a7.5 7.5 0 0 1-11 6.64L4.5 19.5l1.36-4.1A7.5 7.5 0 1 1 20 11.5z" />
    </Icon>
  );
}

export function PeopleIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.8 19.5a6.3 6.3 0 0 1 12.4 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.3 6.3 0 0 1 3.2 5.3" />
    </Icon>
  );
}

export function LeaveIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M3.3 14.9c-.9-1.9-.5-3.7 1-4.9 4.6-3.4 10.8-3.4 15.4 0 1.5 1.2 1.9 3 1 4.9-.3.6-.9.9-1.6.7l-2.7-.8a1.4 1.4 0 0 1-1-1.3v-1.6a10.5 10.5 0 0 0-6.8 0v1.6c0 .6-.4 1.1-1 1.3l-2.7.8c-.7.2-1.3-.1-1.6-.7z" />
    </Icon>
  );
}

export function LinkIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1 1" />
      <path d="M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1-1" />
    </Icon>
  );
}

export function CheckIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m5 12.5 4.5 4.5L19 7.5" />
    </Icon>
  );
}

export function CloseIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="m6 6 12 12M18 6 6 18" />
    </Icon>
  );
}

export function SendIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M5 12h7M5.2 4.6 20 12 5.2 19.4 7 12z" />
    </Icon>
  );
}

export function WarningIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M12 9v4.5m0 3v.1M10.3 4.6 2.9 17.4a2 2 0 0 0 1.7 3h14.8a2 2 0 0 0 1.7-3L13.7 4.6a2 2 0 0 0-3.4 0z" />
    </Icon>
  );
}

export function ExpandIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M9 4H5a1 1 0 0 0-1 1v4m11-5h4a1 1 0 0 1 1 1v4M9 20H5a1 1 0 0 1-1-1v-4m11 5h4a1 1 0 0 0 1-1v-4" />
    </Icon>
  );
}

export function LockIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="5" y="10.5" width="14" height="10" rx="2.5" />
      <path d="M8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3" />
    </Icon>
  );
}

export function RouteIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="5" cy="17.5" r="2.5" />
      <circle cx="12" cy="6.5" r="2.5" />
      <circle cx="19" cy="17.5" r="2.5" />
      <path d="M6.5 15.3 10.5 8.7M13.5 8.7l4 6.6" />
    </Icon>
  );
}

export function RemoveIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="10" cy="8.5" r="3.5" />
      <path d="M3.8 19.5a6.3 6.3 0 0 1 12-1.5M16.5 12.5h5" />
    </Icon>
  );
}

export function SpeakerIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M4 9.5v5h3.5l4.5 4v-13l-4.5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />
    </Icon>
  );
}

export function SettingsIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M4 7h9m6 0h1M4 17h1m6 0h9" />
      <circle cx="16" cy="7" r="2.6" />
      <circle cx="8" cy="17" r="2.6" />
    </Icon>
  );
}

export function HandIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M7.5 12.5V6.2a1.4 1.4 0 0 1 2.8 0V11m0-.3V4.4a1.4 1.4 0 0 1 2.8 0V11m0-.4V5.6a1.4 1.4 0 0 1 2.8 0v6.1m0-2.6a1.4 1.4 0 0 1 2.8 0v5.4c0 4-2.4 6.5-6 6.5-2.7 0-4.4-1.1-5.8-3.5l-2.7-4.6a1.5 1.5 0 0 1 2.5-1.6l.8.9" />
    </Icon>
  );
}

export function SmileIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M8.5 14.2a4.2 4.2 0 0 0 7 0M9.2 9.4v.4m5.6-.4v.4" />
    </Icon>
  );
}

export function MoreIcon(props: IconProps) {
  return (
    <Icon strokeWidth="2.6" {...props}>
      <path d="M12 5.5v.01M12 12v.01M12 18.5v.01" />
    </Icon>
  );
}

export function GridIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3.5" y="4.5" width="7.5" height="6.5" rx="1.6" />
      <rect x="13" y="4.5" width="7.5" height="6.5" rx="1.6" />
      <rect x="3.5" y="13" width="7.5" height="6.5" rx="1.6" />
      <rect x="13" y="13" width="7.5" height="6.5" rx="1.6" />
    </Icon>
  );
}

export function SpotlightIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="3.5" y="4.5" width="11" height="15" rx="1.8" />
      <rect x="17" y="4.5" width="3.5" height="4" rx="1" />
      <rect x="17" y="10" width="3.5" height="4" rx="1" />
      <rect x="17" y="15.5" width="3.5" height="4" rx="1" />
    </Icon>
  );
}

export function KeyboardIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <rect x="2.5" y="6" width="19" height="12.5" rx="2.5" />
      <path d="M6.5 10v.01M10.2 10v.01M13.9 10v.01M17.5 10v.01M6.5 14.3v.01M17.5 14.3v.01M9.8 14.3h4.4" />
    </Icon>
  );
}

export function DoorIcon(props: IconProps) {
  return (
    <Icon {...props}>
      <path d="M5.5 20.5V5a1.5 1.5 0 0 1 1.5-1.5h10A1.5 1.5 0 0 1 18.5 5v15.5M3 20.5h18M14.5 12v.5" />
    </Icon>
  );
}
