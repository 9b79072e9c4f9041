import { describe, expect, it } from "vitest";
import { somebody } from "../testing/somebody";
import { handQueue, nextTicket, readHand } from "./hand";

describe("readHand", () => {
  it("reads a ticket, and takes anything else for a hand that is down", () => {
    expect(readHand({ hand: "3" })).toBe(3);
    for (const hand of ["", "0", "-1", "1e9", "9999999999", "up", " 1"]) expect(readHand({ hand })).toBeNull();
    expect(readHand({})).toBeNull();
  });
});

describe("nextTicket", () => {
  it("is behind every hand that is up", () => {
    expect(nextTicket([somebody("ada"), somebody("bob", { hand: 4 })])).toBe(5);
    expect(nextTicket([])).toBe(1);
  });

  it("stays readable when somebody claims the last ticket", () => {
    const ticket = nextTicket([somebody("eve", { hand: 999_999_999 })]);
    expect(readHand({ hand: String(ticket) })).toBe(ticket);
  });
});

describe("handQueue", () => {
  it("puts the longest waiting first, and breaks a tie the same way for everyone", () => {
    const people = [somebody("c", { hand: 2 }), somebody("b", { hand: 2 }), somebody("a"), somebody("d", { hand: 1 })];
    const order = ["d", "b", "c"];
    expect(handQueue(people).map(({ sid }) => sid)).toEqual(order);
    expect(handQueue([...people].reverse()).map(({ sid }) => sid)).toEqual(order);
  });
});
