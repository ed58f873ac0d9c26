// A timer that is not slowed down when the page is in the background.

import type { Wake } from './messages';

let timer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = (message: MessageEvent<Wake>) => {
  clearTimeout(timer);
  timer = setTimeout(() => self.postMessage(undefined), message.data.inMs);
};
