import { describe, expect, it } from 'vitest';
import { Credit, QUEUE_BYTES, type Queue } from './credit';

const FRAME = 32 * 1024;

/** A channel that keeps what is sent until it is told to let go. */
class Channel implements Queue {
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onbufferedamountlow: Queue['onbufferedamountlow'] = null;
  granted = 0;
  readonly credit = new Credit(this, (bytes) => (this.granted += bytes));

  send(): void {
    this.bufferedAmount += FRAME;
    this.granted -= FRAME;
    this.credit.onSent(FRAME);
  }

  /** As a browser does it: an event when the threshold is crossed, and only then. */
  flush(bytes: number): void {
    const above = this.bufferedAmount > this.bufferedAmountLowThreshold;
    this.bufferedAmount = Math.max(0, this.bufferedAmount - bytes);
    if (above && this.bufferedAmount <= this.bufferedAmountLowThreshold) {
      this.onbufferedamountlow?.call(undefined as never, undefined as never);
    }
  }
}

describe('credit', () => {
  it('is granted when the channel opens', () => {
    const channel = new Channel();
    channel.credit.open();
    expect(channel.granted).toBe(QUEUE_BYTES);
  });

  it('never lets more wait than the queue holds', () => {
    const channel = new Channel();
    channel.credit.open();
    for (let sent = 0; sent < 1000; sent++) {
      if (channel.granted >= FRAME) channel.send();
      else channel.flush(FRAME);
      expect(channel.bufferedAmount + channel.granted).toBeLessThanOrEqual(QUEUE_BYTES);
    }
  });

  it('comes back when what was sent never waited', () => {
    const channel = new Channel();
    channel.credit.open();
    for (let sent = 0; sent < 100; sent++) {
      expect(channel.granted).toBeGreaterThanOrEqual(FRAME);
      channel.send();
      channel.flush(FRAME);
    }
  });
});
