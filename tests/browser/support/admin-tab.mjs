import { Tab } from "./tab.mjs";

/** Somebody who uses the admin view. */
export class AdminTab extends Tab {
  #url;

  constructor(page, { name, url }) {
    super(page, name);
    this.#url = url;
  }

  /** An element by its `data-testid`. @param {string} testId */
  part(testId) {
    return this.page.getByTestId(testId);
  }

  /** Opens the page. @param {string} [rest] of its address */
  async open(rest = "") {
    await this.page.goto(`${this.#url}/admin${rest}`);
  }

  /** Opens the page with the development server's token, and a room there. @param {string} [room] */
  async enter(room) {
    await this.open();
    await this.part("dev-admin").click();
    await this.part("rooms-pane").waitFor();
    if (room !== undefined) {
      await this.rowOf(room).click();
      await this.part("room-facts").waitFor();
    }
  }

  /** A room in the list. @param {string} room */
  rowOf(room) {
    return this.page.locator(`[data-testid="room-row"][data-room="${room}"]`);
  }

  /** The events of the room that is open come as they happen. */
  async follows() {
    await this.page.locator('[data-testid="event-source"][data-source="stream"]').waitFor();
  }

  /** Somebody in the room that is open. @param {string} identity */
  person(identity) {
    return this.page.locator(`[data-testid="admin-participant"][data-identity="${identity}"]`);
  }

  /** A line of the room's log. @param {string} text */
  event(text) {
    return this.part("event").filter({ hasText: text });
  }
}
