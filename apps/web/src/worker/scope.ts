// What the service worker needs of its global scope; the compiler's types of pages have no name for it.

export interface Scope {
  readonly clients: { claim(): Promise<void>; get(id: string): Promise<PageClient | undefined> };
  readonly location: Location;
  addEventListener(type: 'install' | 'activate', heard: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', heard: (event: Fetching) => void): void;
  addEventListener(type: 'message', heard: (event: Lasting & MessageEvent<unknown>) => void): void;
}

/** An event during which the browser lets the worker live. */
export interface Lasting {
  waitUntil(done: Promise<unknown>): void;
}

export interface Fetching extends Lasting {
  readonly request: Request;
  readonly clientId: string;
  respondWith(response: Response | Promise<Response>): void;
}

export interface PageClient {
  postMessage(message: unknown, give: Transferable[]): void;
}

export const scope = self as unknown as Scope;
