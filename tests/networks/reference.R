# Renews reference.json:  Rscript tests/networks/reference.R   (Debian: r-base-core, r-cran-metafor)
#
# The second implementation, in base R and on m x m matrices as the papers print them (netmeta is not in Debian):
#   common, DL, Q, P-scores   Rücker 2012, Rücker & Schwarzer 2014 and 2015, in numbers netmeta's formulas
#   REML                      metafor::rma.mv, random = ~ treatment | study with rho = 1/2, contrasts with their covariance
#   components                the same with X = B C (Rücker, Petropoulou & Schwarzer 2020)
suppressMessages(library(metafor))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
pinv <- function(a) { s <- svd(a); k <- s$d > max(s$d) * 1e-11; s$v[, k] %*% (t(s$u[, k]) / s$d[k]) }

weights <- function(d, tau2) {  # of one study's rows
  if (nrow(d) == 1) return(1 / (d$seTE^2 + tau2))
  arms <- unique(c(d$treat1, d$treat2)); p <- length(arms)
  V <- matrix(0, p, p, dimnames = list(arms, arms))
  for (r in seq_len(nrow(d))) V[d$treat1[r], d$treat2[r]] <- V[d$treat2[r], d$treat1[r]] <- d$seTE[r]^2 + tau2
  B <- t(combn(p, 2, function(x) { b <- numeric(p); b[x] <- c(1, -1); b }))
  L <- pinv(-t(B) %*% B %*% V %*% t(B) %*% B / (2 * p^2))
  dimnames(L) <- dimnames(V)
  sapply(seq_len(nrow(d)), function(r) -L[d$treat1[r], d$treat2[r]])
}
all_weights <- function(d, tau2) { w <- numeric(nrow(d)); for (s in unique(d$studlab)) w[d$studlab == s] <- weights(d[d$studlab == s, ], tau2); w }
incidence <- function(d, trts) { B <- matrix(0, nrow(d), length(trts), dimnames = list(NULL, trts))
  for (r in seq_len(nrow(d))) { B[r, d$treat1[r]] <- 1; B[r, d$treat2[r]] <- -1 }; B }

fit <- function(d, X, tau2) {
  W <- diag(all_weights(d, tau2), nrow = nrow(d)); G <- pinv(t(X) %*% W %*% X); b <- G %*% t(X) %*% W %*% d$TE
  list(b = drop(b), G = G, W = W, Q = drop(t(d$TE - X %*% b) %*% W %*% (d$TE - X %*% b)), H = X %*% G %*% t(X) %*% W)
}
arms_left <- function(d) sum(tapply(seq_len(nrow(d)), d$studlab, function(i) length(unique(c(d$treat1[i], d$treat2[i]))) - 1))
tau2_dl <- function(d, B, f, df) {
  E <- outer(d$studlab, d$studlab, "==") * 1
  max(0, (f$Q - df) / sum(diag((diag(1, nrow(d)) - f$H) %*% (B %*% t(B) * E / 2) %*% f$W)))
}
contrasts_of <- function(d) {  # p - 1 rows of each study against its first arm, with their covariance
  keep <- integer(0); V <- matrix(0, 0, 0)
  out <- NULL
  for (s in unique(d$studlab)) { x <- d[d$studlab == s, ]; base <- x$treat1[1]
    other <- setdiff(unique(c(x$treat1, x$treat2)), base)
    pick <- function(a, b) { r <- which((x$treat1 == a & x$treat2 == b) | (x$treat1 == b & x$treat2 == a)); c(if (x$treat1[r] == a) x$TE[r] else -x$TE[r], x$seTE[r]^2) }
    y <- sapply(other, function(o) pick(o, base)); k <- length(other); v <- matrix(0, k, k)
    for (i in seq_len(k)) for (j in seq_len(k)) v[i, j] <- if (i == j) y[2, i] else (y[2, i] + y[2, j] - pick(other[i], other[j])[2]) / 2
    V <- rbind(cbind(V, matrix(0, nrow(V), k)), cbind(matrix(0, k, ncol(V)), v))
    out <- rbind(out, data.frame(studlab = s, treat1 = other, treat2 = base, TE = y[1, ])) }
  list(d = out, V = V)
}
number <- function(x) formatC(x, digits = 17, format = "g")
vector <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
entries <- function(...) { x <- list(...); paste0("{", paste0('"', names(x), '": ', unlist(x), collapse = ", "), "}") }
model <- function(f, trts) { se <- outer(diag(f$G), diag(f$G), "+") - 2 * f$G; se <- sqrt(pmax(se, 0)); diff <- outer(f$b, f$b, "-"); z <- diff / se
  P <- pnorm(-z); diag(P) <- NA
  entries(effects = vector(diff[, 1]), se = vector(se[, 1]), p_scores = vector(rowMeans(P, na.rm = TRUE))) }

one <- function(name) {
  d <- read.csv(file.path(here, paste0(name, ".csv")), colClasses = c(studlab = "character"))
  trts <- sort(unique(c(d$treat1, d$treat2)), method = "radix"); B <- incidence(d, trts)
  f <- fit(d, B, 0); df <- arms_left(d) - length(trts) + 1; tau2 <- tau2_dl(d, B, f, df)
  design <- sapply(d$studlab, function(s) paste(sort(unique(unlist(d[d$studlab == s, c("treat1", "treat2")]))), collapse = ":"))
  inside <- sapply(unique(design), function(g) { x <- d[design == g, ]; fit(x, incidence(x, trts), 0)$Q })
  inside_df <- sapply(unique(design), function(g) { x <- d[design == g, ]; arms_left(x) - length(unique(c(x$treat1, x$treat2))) + 1 })
  k <- contrasts_of(d); X <- incidence(k$d, trts)[, -1, drop = FALSE]
  reml <- NULL
  for (tight in list(list(rel.tol = 1e-14, x.tol = 1e-12), list())) if (is.null(reml)) reml <- tryCatch(
    rma.mv(k$d$TE, k$V, mods = ~ X - 1, random = ~ treat1 | studlab, rho = 1/2, struct = "CS", data = k$d, method = "REML",
           control = c(list(optimizer = "nlminb", eval.max = 5000, iter.max = 5000), tight)), error = function(e) NULL)
  entries(treatments = paste0("[", paste0('"', trts, '"', collapse = ", "), "]"), common = model(f, trts), DL = model(fit(d, B, tau2), trts),
    REML = entries(effects = vector(c(0, reml$b)), se = vector(c(0, reml$se))),
    tau2_DL = number(tau2), tau2_REML = number(reml$tau2), Q = number(f$Q), df = number(df), Q_within = number(sum(inside)), df_within = number(sum(inside_df)))
}

parts <- function(name, inactive, interactions = character(0)) {
  d <- read.csv(file.path(here, paste0(name, ".csv")), colClasses = c(studlab = "character"))
  trts <- sort(unique(c(d$treat1, d$treat2)), method = "radix"); B <- incidence(d, trts); comps <- lapply(strsplit(trts, "+", fixed = TRUE), trimws)
  names <- c(sort(setdiff(unique(unlist(comps)), inactive), method = "radix"), interactions)
  C <- t(sapply(comps, function(x) as.numeric(sapply(names, function(n) all(strsplit(n, "*", fixed = TRUE)[[1]] %in% x))))); X <- B %*% C
  f <- fit(d, X, 0); df <- arms_left(d) - qr(X)$rank; tau2 <- tau2_dl(d, B, f, df); r <- fit(d, X, tau2)
  combos <- C %*% r$b
  entries(components = paste0("[", paste0('"', names, '"', collapse = ", "), "]"), Q_additive = number(f$Q), df_additive = number(df), tau2 = number(tau2),
    common = entries(effects = vector(f$b), se = vector(sqrt(diag(f$G)))), DL = entries(effects = vector(r$b), se = vector(sqrt(diag(r$G)))),
    combinations = entries(effects = vector(combos), se = vector(sqrt(pmax(0, diag(C %*% r$G %*% t(C)))))))
}

names <- c("senn2013", "woods2010", "dogliotti2014", "hasselblad1998", "dong2013", "gurusamy2011", "baker2009", "pagliaro1992",
           "franchini2012", "stowe2010", "linde2015", "linde2016")
lines <- sapply(names, function(n) paste0('"', n, '": ', one(n)))
sets <- list(linde2016 = parts("linde2016", "Placebo"), `linde2016 SSRI*Face-to-face CBT` = parts("linde2016", "Placebo", "SSRI*Face-to-face CBT"))
lines <- c(lines, paste0('"components": ', do.call(entries, sets)))
writeLines(paste0("{\n", paste(lines, collapse = ",\n"), "\n}"), file.path(here, "reference.json"))
