/*
 * driver.mjs - a Chromium that does what browser.py says: one JSON object a line comes in, {"id", "run":
 * JavaScript, "page": name, "args"}, one goes out, {"id", "ok"} or {"id", "error"}.
 *
 * The script is the body of an async function of page, context, args, open and axe. Pages have names: "desk" is
 * there from the beginning, open(name) makes another one in the same context (the same cookies), fresh(name) in
 * one of its own.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import readline from "node:readline";
import { chromium } from "playwright-core";

const settings = JSON.parse(process.argv[2]);
const browser = await chromium.launch({
	executablePath: settings.program,
	headless: true,
	timeout: 120000, // many of them may be starting
	args: [
		"--no-sandbox", // the tests run as root
		"--use-fake-ui-for-media-stream",
		...(settings.devices ? [] : ["--use-fake-device-for-media-stream"]),
		...(settings.microphone ? [`--use-file-for-fake-audio-capture=${settings.microphone}`] : []),
		"--autoplay-policy=no-user-gesture-required",
		"--allow-loopback-in-peer-connection", // a namespace of a test has no other network
		"--disable-features=WebRtcHideLocalIpsWithMdns",
		...settings.args,
	],
});

const pages = new Map(); // name -> {page, context}
const said = []; // what pages complained of: errors, refusals of their policy

function watch(name, page) {
	page.on("pageerror", (e) => said.push({ page: name, kind: "error", text: String(e) }));
	page.on("console", (m) => {
		if (m.type() === "error" || m.type() === "warning")
			said.push({ page: name, kind: m.type(), text: m.text() });
	});
	page.on("dialog", (d) => {
		said.push({ page: name, kind: "dialog", text: d.message() });
		d.accept().catch(() => {});
	});
	page.setDefaultTimeout(settings.timeout_ms);
}

async function fresh(name, more = {}) {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 720 },
		locale: settings.locale,
		permissions: ["microphone", "notifications"],
		ignoreHTTPSErrors: true,
		...more,
	});
	const page = await context.newPage();
	watch(name, page);
	pages.set(name, { page, context });
	return page;
}

async function open(name, beside = "desk") {
	const { context } = pages.get(beside);
	const page = await context.newPage();
	watch(name, page);
	pages.set(name, { page, context });
	return page;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* What axe finds on a page, of these weights: [{id, impact, help, where}] */
async function axe(page, weights = ["serious", "critical"]) {
	await page.evaluate(axeSource); // not as a script of the page: its policy forbids strangers
	const found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
	return found.violations
		.filter((v) => weights.includes(v.impact))
		.map((v) => ({ id: v.id, impact: v.impact, help: v.help, where: v.nodes.map((n) => n.html.slice(0, 200)) }));
}

const AsyncFunction = (async () => {}).constructor;
await fresh("desk");
process.stdout.write(JSON.stringify({ ready: browser.version() }) + "\n");

for await (const line of readline.createInterface({ input: process.stdin })) {
	const { id, run, page: name, args } = JSON.parse(line);
	const answer = { id };
	try {
		const { page, context } = pages.get(name);
		const script = new AsyncFunction("page", "context", "args", "open", "fresh", "axe", "said", run);
		answer.ok = (await script(page, context, args, open, fresh, axe, said)) ?? null;
	} catch (e) {
		answer.error = String(e.stack || e);
	}
	process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
