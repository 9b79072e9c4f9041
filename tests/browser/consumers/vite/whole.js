import { Room } from "@antiphon/client";

window.room = new Room();
