import { useCallback, useEffect, useState } from "react";
import { adminAddress, readAdminAddress } from "../model/admin-token";

/** The room in the page's address, and how to go to another one. The browser's "back" leads back. */
export function useRoomRoute(): [string | null, (room: string | null) => void] {
  const [room, setRoom] = useState(() => readAdminAddress(location.href).room);

  useEffect(() => {
    const onPop = () => setRoom(readAdminAddress(location.href).room);
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);

  const go = useCallback((next: string | null) => {
    history.pushState(null, "", adminAddress(location.href, next));
    setRoom(next);
  }, []);

  return [room, go];
}
