// A section of a connection's descriptions that its peer never hears of.
//
// Chromium reads a connection that carries nothing but data into a buffer of 64 KiB, which is full
// whenever its threads are late by a millisecond or two: one packet in a hundred is lost between two
// processes of one machine, and SCTP slows down for each. Once there is a section for video it takes
// 256 KiB (WebRTC's `kVideoRtpRecvBufferSize`). So each connection gets one, in which nothing is ever
// sent: it is offered to and answered by this page itself. Descriptions for the peer are without it,
// and those of the peer get it on their way in.

/** What the connection knows the section by. */
export interface Hidden {
  readonly mid: string;
  /** One of its formats (RFC 8866 §5.14), and the attribute that names it. */
  readonly format: string;
  readonly rtpmap: string;
}

/** Whether the browser is one whose buffer is small. */
export function isNarrow(): boolean {
  const { userAgentData } = navigator as { userAgentData?: { brands: Array<{ brand: string }> } };
  return userAgentData?.brands.some(({ brand }) => brand === 'Chromium') ?? false;
}

/**
 * Adds a hidden section to a connection that is open. Gives nothing, and changes nothing, if the
 * browser does not go along.
 */
export async function hide(connection: RTCPeerConnection): Promise<Hidden | undefined> {
  const { localDescription: ours, remoteDescription: theirs, signalingState } = connection;
  if (!ours || !theirs || signalingState !== 'stable') return undefined;
  const transceiver = connection.addTransceiver('video', { direction: 'inactive' });
  try {
    await connection.setLocalDescription(await connection.createOffer());
    const hidden = find(connection.localDescription?.sdp ?? '');
    if (!hidden) throw new Error('there is no such section');
    const sdp = withSection(inRole(theirs.sdp, ours.sdp), hidden);
    await connection.setRemoteDescription({ type: 'answer', sdp });
    return hidden;
  } catch (error) {
    console.warn('the receive buffer stays as it is:', error);
    if (connection.signalingState === 'have-local-offer') {
      await connection.setLocalDescription({ type: 'rollback' });
    }
    transceiver.stop();
    return undefined;
  }
}

/** A description of this page as its peer may see it. */
export function withoutSection(sdp: string, { mid }: Hidden): string {
  const [session, ...media] = sections(sdp);
  const shown = media.filter((section) => !section.includes(`a=mid:${mid}`));
  const group = (line: string): string =>
    line.startsWith(BUNDLE) ? line.split(' ').filter((it) => it !== mid).join(' ') : line;
  return [session!.map(group), ...shown].map(join).join('');
}

/** A description of the peer as the connection must see it: with a section more, on its transport. */
export function withSection(sdp: string, { mid, format, rtpmap }: Hidden): string {
  const [session, ...media] = sections(sdp);
  const group = (line: string): string => (line.startsWith(BUNDLE) ? `${line} ${mid}` : line);
  const transport = [...session!, ...media.flat()].filter((line) => TRANSPORT.test(line));
  const section = [
    `m=video 9 UDP/TLS/RTP/SAVPF ${format}`,
    'c=IN IP4 0.0.0.0',
    ...new Set(transport),
    `a=mid:${mid}`,
    'a=inactive',
    'a=rtcp-mux',
    rtpmap,
  ];
  return [session!.map(group), ...media, section].map(join).join('');
}

/** The section in a description that the browser has made. */
function find(sdp: string): Hidden | undefined {
  const section = sections(sdp).find(([line]) => line?.startsWith('m=video'));
  const mid = section?.find((line) => line.startsWith('a=mid:'))?.slice('a=mid:'.length);
  const rtpmap = section?.find((line) => line.startsWith('a=rtpmap:'));
  const format = /^a=rtpmap:(\d+) /.exec(rtpmap ?? '')?.[1];
  return mid && rtpmap && format ? { mid, format, rtpmap } : undefined;
}

/** A description of the peer as an answer of today: with the part in DTLS that it has taken. */
function inRole(theirs: string, ours: string): string {
  // Whoever offered left it to the other (RFC 8842 §5.2).
  const role = ours.includes('a=setup:active') ? 'passive' : 'active';
  return theirs.replaceAll('a=setup:actpass', `a=setup:${role}`);
}

/** The lines of a description: of the session, then of each section (RFC 8866 §5). */
function sections(sdp: string): string[][] {
  const sections: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([]);
    if (line !== '') sections.at(-1)!.push(line);
  }
  return sections;
}

function join(lines: string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

/**
 * What a connection's receive buffer holds with a hidden section: not quite what Chromium asks for,
 * since Linux as it comes grants no more.
 */
export const WIDE_BYTES = 212_992;

/** Begins the tags of the sections that share a transport (RFC 9143 §7.2). */
const BUNDLE = 'a=group:BUNDLE ';

/** Attributes of a section that are those of its transport (RFC 9143 §7.1.3). */
const TRANSPORT = /^a=(?:ice-ufrag|ice-pwd|ice-options|fingerprint|setup):/;
