import { chromium } from 'playwright-core';
import { mkdtempSync } from 'node:fs';
const ctx = await chromium.launchPersistentContext(mkdtempSync('/tmp/shotprof-'), { executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu'], viewport: { width: 1440, height: 900 } });
const p = await ctx.newPage();
await p.emulateMedia({ colorScheme: 'light' });
await p.goto('http://127.0.0.1:4173'); 
await p.getByLabel('Your name').fill('Ann');
await p.getByRole('button', { name: 'Open a room' }).click();
await p.getByRole('textbox', { name: 'Message' }).waitFor();
await p.waitForTimeout(1000);
for (const s of ['light','dark','light','dark']) {
await p.emulateMedia({ colorScheme: s });
await p.waitForTimeout(600);
console.log(s, await p.evaluate(() => ['html','aside','.me p','.me bdi','.me','h2'].map(q => q+getComputedStyle(document.querySelector(q)).color).join(' ')));
}
await p.screenshot({ path: '/tmp/shots/dbg.png', clip: {x:1080,y:50,width:360,height:200} });
await ctx.close();
