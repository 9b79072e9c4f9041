import { expect, it } from "vitest";
import { pathOf, pathWords } from "./path";

type Selected = Parameters<typeof pathOf>[0];

function candidate(type: string, protocol: string, relayProtocol?: string): Selected["local"] {
  return { type, protocol, relayProtocol, url: undefined };
}

function words(local: Selected["local"], remote: Selected["remote"], roundTripTime?: number): string {
  return pathWords(pathOf({ local, remote, roundTripTime, availableOutgoingBitrate: undefined }));
}

it("a path is called direct, or through a relay at either end, with what is unusual about it", () => {
  const host = candidate("host", "udp");
  expect(words(host, candidate("prflx", "udp"), 0.0124)).toBe("Direct, 12 ms");
  expect(words(candidate("host", "tcp"), host)).toBe("Direct over TCP");
  expect(words(candidate("relay", "udp", "udp"), host, 0.04)).toBe("Through a relay, 40 ms");
  expect(words(candidate("relay", "udp", "tls"), host, 0.04)).toBe("Through a relay over TLS, 40 ms");
  expect(words(host, candidate("relay", "udp"), 0)).toBe("Through a relay, 0 ms");
});
