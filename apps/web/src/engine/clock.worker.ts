// A timer that is not slowed down when the page is in the background.

/** When to ring. A new wish replaces the one before. */
export interface Wake {
  inMs: number;
}

let timer: ReturnType<typeof setTimeout> | undefined;

self.onmessage = (message: MessageEvent<Wake>) => {
  clearTimeout(timer);
  timer = setTimeout(() => self.postMessage(undefined), message.data.inMs);
};
