import { describe, expect, test } from 'vitest';
import { withoutSection, withSection } from './hidden';

const hidden = { mid: '1', format: '96', rtpmap: 'a=rtpmap:96 VP8/90000' };

/** As a peer sends it. */
const PLAIN = lines(
  'v=0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789',
  'a=fingerprint:sha-256 00:11',
  'a=setup:active',
  'a=mid:0',
);

/** As the browser sees it. */
const WHOLE = lines(
  'v=0',
  'a=group:BUNDLE 0 1',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789',
  'a=fingerprint:sha-256 00:11',
  'a=setup:active',
  'a=mid:0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789',
  'a=fingerprint:sha-256 00:11',
  'a=setup:active',
  'a=mid:1',
  'a=inactive',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
);

describe('a hidden section', () => {
  test('is added with the transport of the others', () => {
    expect(withSection(PLAIN, hidden)).toBe(WHOLE);
  });

  test('is not in what the peer sees', () => {
    expect(withoutSection(WHOLE, hidden)).toBe(PLAIN);
  });

  test('takes the transport from the session, where a stack tells it there', () => {
    const sdp = lines(
      'v=0',
      'a=fingerprint:sha-256 00:11',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'a=ice-ufrag:abcd',
    );
    const [, video] = withSection(sdp, hidden).split('m=video');
    expect(video).toContain('a=fingerprint:sha-256 00:11\r\n');
    expect(video).toContain('a=ice-ufrag:abcd\r\n');
  });

  test('leaves other sections in the group', () => {
    const sdp = lines('v=0', 'a=group:BUNDLE 11 1 10', 'm=application 9 x y', 'a=mid:11');
    expect(withoutSection(sdp, hidden)).toContain('a=group:BUNDLE 11 10\r\n');
  });
});

function lines(...all: string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}
