// The only script of a page. The order matters: the policy must exist before htmx.
import "./trusted.js";
import "./htmx.js";
import "./page.js";
import { watchSession } from "./session.js";
import { offerPush } from "./push.js";
import { forgetNothing, keepDrafts } from "./drafts.js";
import { offerPasskeys } from "./passkeys.js";
import { watchEvents } from "./events.js";
import { saveDrafts } from "./autosave.js";
import { checkOffline } from "./offline.js";
import { watchUpload } from "./upload.js";
import { checkBrowser, warnBrowser } from "./self-check.js";

if (document.body.dataset.idle) watchSession();
if (document.body.dataset.events) watchEvents();
if (document.querySelector("[data-self-check]")) checkBrowser();
const warning = document.querySelector("[data-browser-warning]");
if (warning) warnBrowser(warning);
if (document.querySelector("[data-push]")) offerPush();
if (document.querySelector("[data-autosave]")) saveDrafts();
if (document.querySelector("[data-offline]")) checkOffline();
if (document.querySelector("[data-passkey]")) offerPasskeys();
if (document.body.dataset.events) keepDrafts();
else forgetNothing();
const upload = document.querySelector("[data-upload]");
if (upload) watchUpload(upload);
