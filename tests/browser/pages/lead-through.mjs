/**
 * Every packet of `connection` takes the path that the test has laid. Also sent to pages as text: it uses nothing from outside.
 *
 * @param {(address: string, port: number) => Promise<number>} pathTo the port on 127.0.0.1 that leads there
 * @param {RTCPeerConnection} connection
 */
export function leadThrough(pathTo, connection) {
  const add = connection.addIceCandidate.bind(connection);
  connection.addIceCandidate = async (init) => {
    const [foundation, component, protocol, priority, address, port, ...rest] = (init.candidate ?? "").split(" ");
    if (port === undefined) {
      return add(init);
    }
    if (protocol.toLowerCase() !== "udp") {
      return undefined;
    }
    const there = await pathTo(address, Number(port));
    return add({ ...init, candidate: [foundation, component, protocol, priority, "127.0.0.1", there, ...rest].join(" ") });
  };
  const describe = connection.setRemoteDescription.bind(connection);
  // Candidates come by themselves too; those of a description would be a way around.
  connection.setRemoteDescription = ({ type, sdp }) => describe({ type, sdp: sdp.replace(/^a=candidate:.*\r\n/gm, "") });
}
