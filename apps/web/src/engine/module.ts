// The engine's module: loaded once, shared by all rooms of the page.

import init, * as engine from '../../engine/pkg/snug_web.js';
import wasm from '../../engine/pkg/snug_web_bg.wasm?url';

export type * from '../../engine/pkg/snug_web.js';

/** The loaded module. */
export interface Module {
  readonly Engine: typeof engine.Engine;
  readonly readCode: typeof engine.readCode;
  readonly qrCode: typeof engine.qrCode;
  /** Compiled, for workers. */
  readonly compiled: WebAssembly.Module;
  /** The module's memory. A view of it is good until the engine is called again. */
  bytes(at: number, length: number): Uint8Array<ArrayBuffer>;
}

let loading: Promise<Module> | undefined;

/** Loads the module, at once or as soon as it is there. A failed try is tried again. */
export function load(): Promise<Module> {
  loading ??= fetchModule().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function fetchModule(): Promise<Module> {
  const compiled = await compile();
  const { memory } = await init({ module_or_path: compiled });
  return {
    Engine: engine.Engine,
    readCode: engine.readCode,
    qrCode: engine.qrCode,
    compiled,
    bytes: (at, length) => new Uint8Array(memory.buffer as ArrayBuffer, at, length),
  };
}

async function compile(): Promise<WebAssembly.Module> {
  const response = await fetch(wasm);
  // A server that does not know the type of wasm is no reason to fail.
  return response.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
