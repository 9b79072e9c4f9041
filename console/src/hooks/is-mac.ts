/** Whether shortcuts are made with Cmd here. Only words depend on it: both keys work everywhere. */
export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(navigator.platform);
}
