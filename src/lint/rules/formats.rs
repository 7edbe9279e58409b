//! The tokens that a provider's prefix gives away: one row a form.
//!
//! Sources: the providers' own pages on token formats, and tokens as their tools accept them. A pattern is
//! matched from where it begins; `back` says how many bytes before the literal that may be.

/// A form of a token.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is, with its article.
    pub what: &'static str,
    /// Literals of which every such token has one.
    pub needles: &'static [&'static str],
    /// How many bytes before the literal the token begins at most.
    pub back: usize,
    /// The whole token.
    pub pattern: &'static str,
    /// What else must hold.
    pub check: Check,
}

/// What must hold of a token besides its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It isn't made of few letters, as examples are.
    Varied,
    /// Its last six characters are the CRC-32 of what stands before them, in base 62.
    Crc62 {
        /// Where the checked part begins.
        from: usize,
    },
    /// It has capitals, small letters and digits.
    Mixed,
}

const fn row(what: &'static str, needles: &'static [&'static str], pattern: &'static str) -> Format {
    Format { what, needles, back: 0, pattern, check: Check::Varied }
}

const fn checked(format: Format, check: Check) -> Format {
    Format { check, ..format }
}

const fn behind(format: Format, back: usize) -> Format {
    Format { back, ..format }
}

/// All forms.
#[rustfmt::skip]
pub const FORMATS: &[Format] = &[
    checked(row("a GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"gh[pousr]_[0-9A-Za-z]{36}"), Check::Crc62 { from: 4 }),
    row("a GitHub token", &["github_pat_"], r"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}"),
    checked(row("an npm token", &["npm_"], r"npm_[0-9A-Za-z]{36}"), Check::Crc62 { from: 4 }),
    row("a GitLab token", &["glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "glwt-"],
        r"gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-(?:[0-9A-Za-z_-]{27,300}\.[0-9a-z]{2}\.[0-9a-z]{7,9}|[0-9A-Za-z_-]{20,300})"),
    row("a GitLab runner token", &["GR1348941"], r"GR1348941[0-9A-Za-z_-]{20,30}"),
    row("a Slack token", &["xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxr-", "xoxe-"], r"xox[abeprs]-(?:[0-9]-)?(?:[0-9]{8,}-[0-9A-Za-z-]{10,250}|[0-9A-Za-z]{100,250})"),
    row("a Slack token", &["xoxe.xox"], r"xoxe\.xox[bp]-[0-9]-[0-9A-Za-z]{100,250}"),
    row("a Slack app token", &["xapp-"], r"xapp-[0-9]-[0-9A-Z]{8,}-[0-9]{8,}-[0-9a-z]{32,}"),
    row("a Slack webhook", &["hooks.slack.com/"], r"hooks\.slack\.com/(?:services|workflows|triggers)/[TE][0-9A-Z]{7,}/[0-9A-Z]{7,}/[0-9A-Za-z/]{16,60}"),
    row("a Stripe key", &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_"], r"[sr]k_(?:live|test|prod)_[0-9A-Za-z]{16,250}"),
    row("a webhook's signing secret", &["whsec_"], r"whsec_[0-9A-Za-z+/]{32,90}={0,2}"),
    row("a Google API key", &["AIza"], r"AIza[0-9A-Za-z_-]{35}"),
    row("a Google OAuth client secret", &["GOCSPX-"], r"GOCSPX-[0-9A-Za-z_-]{28}"),
    row("a Google access token", &["ya29."], r"ya29\.[0-9A-Za-z_-]{30,1000}"),
    row("an OpenAI key", &["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"], r"sk-(?:proj|svcacct|admin|None)-[0-9A-Za-z_-]{40,250}"),
    row("an Anthropic key", &["sk-ant-"], r"sk-ant-[0-9a-z]{3,10}-[0-9A-Za-z_-]{80,120}"),
    row("an OpenRouter key", &["sk-or-v1-"], r"sk-or-v1-[0-9a-f]{64}"),
    checked(row("an API key", &["sk-"], r"sk-[0-9A-Za-z]{32,64}"), Check::Varied),
    row("a Groq key", &["gsk_"], r"gsk_[0-9A-Za-z]{52}"),
    row("an xAI key", &["xai-"], r"xai-[0-9A-Za-z]{70,90}"),
    row("a Perplexity key", &["pplx-"], r"pplx-[0-9A-Za-z]{48}"),
    row("a Replicate token", &["r8_"], r"r8_[0-9A-Za-z]{37}"),
    row("a SendGrid key", &["SG."], r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}"),
    row("a Twilio key", &["SK"], r"SK[0-9a-f]{32}"),
    behind(row("a Telegram bot's token", &[":AA"], r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}"), 10),
    row("a Discord webhook", &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,80}"),
    behind(row("a HashiCorp Terraform token", &[".atlasv1."], r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_=-]{60,70}"), 14),
    row("a Vault token", &["hvs.", "hvb.", "hvr."], r"hv[sbr]\.[0-9A-Za-z_-]{24,300}"),
    checked(row("a Vault or OpenBao token", &["s."], r"s\.[0-9A-Za-z]{24}"), Check::Mixed),
    row("a DigitalOcean token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"do[opr]_v1_[0-9a-f]{64}"),
    row("a Docker Hub token", &["dckr_pat_", "dckr_oat_"], r"dckr_(?:pat|oat)_[0-9A-Za-z_-]{27,32}"),
    row("a PyPI token", &["pypi-AgE"], r"pypi-AgE[0-9A-Za-z_-]{50,1000}"),
    row("a Hugging Face token", &["hf_"], r"hf_[0-9A-Za-z]{34}"),
    row("a Hugging Face token", &["api_org_"], r"api_org_[0-9A-Za-z]{34}"),
    behind(row("a Microsoft Entra client secret", &["Q~"], r"[0-9A-Za-z_~.-]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}"), 4),
    behind(row("an Azure DevOps token", &["JQQJ99"], r"[0-9A-Za-z]{52}JQQJ99[0-9A-Za-z]{26}"), 52),
    checked(row("a Grafana service account token", &["glsa_"], r"glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}"), Check::Varied),
    row("a Grafana Cloud token", &["glc_"], r"glc_[0-9A-Za-z+/]{32,400}={0,2}"),
    row("a Shopify token", &["shpat_", "shpca_", "shppa_", "shpss_"], r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    row("an Atlassian token", &["ATATT3", "ATCTT3"], r"AT[AC]TT3[0-9A-Za-z_=-]{60,250}"),
    row("a Bitbucket app password", &["ATBB"], r"ATBB[0-9A-Za-z]{32}"),
    row("a Linear key", &["lin_api_"], r"lin_api_[0-9A-Za-z]{40}"),
    row("a Notion token", &["ntn_"], r"ntn_[0-9A-Za-z]{40,50}"),
    row("a Databricks token", &["dapi"], r"dapi[0-9a-f]{32}(?:-[0-9])?"),
    row("a New Relic key", &["NRAK-"], r"NRAK-[0-9A-Z]{27}"),
    row("a Sentry token", &["sntrys_", "sntryu_"], r"sntry[su]_[0-9A-Za-z+/=_-]{60,400}"),
    row("a PlanetScale password", &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], r"pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_.=-]{32,64}"),
    row("a Postman key", &["PMAK-"], r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    row("a Pulumi token", &["pul-"], r"pul-[0-9a-f]{40}"),
    row("a Doppler token", &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[0-9a-z_-]{2,35}\.)?[0-9A-Za-z]{40,44}"),
    row("a RubyGems key", &["rubygems_"], r"rubygems_[0-9a-f]{48}"),
    row("a crates.io token", &["cio"], r"cio[0-9A-Za-z]{32}"),
    row("a NuGet key", &["oy2"], r"oy2[0-9a-z]{43}"),
    row("a Tailscale key", &["tskey-"], r"tskey-(?:auth|api|client|scim|webhook)-[0-9A-Za-z]{8,}-[0-9A-Za-z]{20,}"),
    row("a Figma token", &["figd_"], r"figd_[0-9A-Za-z_-]{40}"),
    row("a Dynatrace token", &["dt0c01.", "dt0s01.", "dt0s16."], r"dt0[cs](?:01|16)\.[0-9A-Z]{8,24}\.[0-9A-Z]{64}"),
    row("a Buildkite token", &["bkua_"], r"bkua_[0-9a-f]{40}"),
    row("a CircleCI token", &["CCIPAT_"], r"CCIPAT_[0-9A-Za-z]{20,24}_[0-9a-f]{40}"),
    row("a Netlify token", &["nfp_"], r"nfp_[0-9A-Za-z]{36}"),
    row("a Supabase token", &["sbp_"], r"sbp_[0-9a-f]{40}"),
    row("a Square token", &["sq0atp-", "sq0csp-"], r"sq0(?:atp-[0-9A-Za-z_-]{22}|csp-[0-9A-Za-z_-]{43})"),
    row("a Heroku key", &["HRKU-"], r"HRKU-(?:AA[0-9A-Za-z_-]{58}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"),
    row("a Fly.io token", &["fm2_", "fm1r_", "fm1a_"], r"fm(?:2|1r|1a)_[0-9A-Za-z+/]{100,800}={0,3}"),
    row("a 1Password service account token", &["ops_eyJ"], r"ops_eyJ[0-9A-Za-z+/_-]{200,1000}={0,2}"),
    row("an Airtable token", &["pat"], r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}"),
    row("an Artifactory token", &["AKCp"], r"AKCp[0-9A-Za-z]{69}"),
    row("a Fastly or Cloudflare origin key", &["v1.0-"], r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"),
    row("a Brevo key", &["xkeysib-"], r"xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}"),
    row("a Mailgun key", &["key-"], r"key-[0-9a-f]{32}"),
    row("an Alibaba Cloud access key", &["LTAI"], r"LTAI[0-9A-Za-z]{20}"),
    row("a Frame.io token", &["fio-u-"], r"fio-u-[0-9A-Za-z_=-]{64}"),
    row("a Prefect key", &["pnu_"], r"pnu_[0-9A-Za-z]{36}"),
    row("a ReadMe key", &["rdme_"], r"rdme_[0-9a-z]{70}"),
    row("an EasyPost key", &["EZAK", "EZTK"], r"EZ[AT]K[0-9A-Za-z]{54}"),
    row("a Shippo token", &["shippo_live_", "shippo_test_"], r"shippo_(?:live|test)_[0-9a-f]{40}"),
    row("an Infracost key", &["ico-"], r"ico-[0-9A-Za-z]{32}"),
];
