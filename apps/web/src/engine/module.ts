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

/** The network did not bring the module: another try may. */
export class NotLoaded extends Error {}

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
  // Some browsers leave it out where they are told to take no risk.
  if (typeof WebAssembly === 'undefined') throw new Error('this browser has no WebAssembly');
  try {
    const response = await fetch(wasm);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    // A server that does not know the type of wasm is no reason to fail.
    return response.headers.get('content-type') === 'application/wasm'
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    // What came, and the browser does not understand.
    if (error instanceof WebAssembly.CompileError) throw error;
    throw new NotLoaded(error instanceof Error ? error.message : String(error));
  }
}
