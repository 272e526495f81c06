BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE carried (
	newsletter VARCHAR(64) NOT NULL, 
	cadence VARCHAR(64) NOT NULL, 
	post_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (newsletter, cadence, post_id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE, 
	UNIQUE (seq)
);
CREATE TABLE choices (
	newsletter VARCHAR(64) NOT NULL, 
	post_id INTEGER NOT NULL, 
	pinned INTEGER DEFAULT '0' NOT NULL, 
	is_dropped BOOLEAN DEFAULT false NOT NULL, 
	skips VARCHAR(96) DEFAULT '' NOT NULL, 
	title TEXT, 
	excerpt TEXT, 
	image_alt TEXT, 
	quotes TEXT, 
	PRIMARY KEY (newsletter, post_id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE
);
CREATE TABLE comment_sources (
	id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	etag TEXT DEFAULT '' NOT NULL, 
	last_modified TEXT DEFAULT '' NOT NULL, 
	checked_at DATETIME, 
	is_complete BOOLEAN DEFAULT (false) NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	last_error TEXT DEFAULT '' NOT NULL, kind VARCHAR(16) DEFAULT 'feed' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE, 
	UNIQUE (post_id, url)
);
INSERT INTO "comment_sources" VALUES(1,1,'wfw','','',NULL,0,0,'','feed');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	external_id TEXT NOT NULL, 
	parent_external_id TEXT NOT NULL, 
	author TEXT NOT NULL, 
	posted_at DATETIME, 
	text TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	url TEXT NOT NULL, 
	votes INTEGER, 
	held BOOLEAN DEFAULT (false) NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE, 
	FOREIGN KEY(source_id) REFERENCES comment_sources (id) ON DELETE CASCADE, 
	UNIQUE (post_id, external_id)
);
INSERT INTO "comments" VALUES(1,1,1,'1','','Ruth Adeyemi','2026-11-22 16:00:00.000000','I was the engineer of the bridge in 1994. The railing was bolted to the outer beam and not to the deck, so the council should ask why the report of 2019, which said the beam had rusted through, was never published.','comment','https://hill.example.org/A-bridge-is-mended/#comment-1',NULL,0,'2026-11-22 17:00:00.000000');
CREATE TABLE counters (
	name VARCHAR(64) NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('posts',3);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	edition_id INTEGER NOT NULL, 
	subscriber_id INTEGER NOT NULL, 
	variant_id INTEGER NOT NULL, 
	not_before DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_at DATETIME, 
	worker VARCHAR(64) DEFAULT '' NOT NULL, 
	reason VARCHAR(64) DEFAULT '' NOT NULL, 
	reply_code INTEGER, 
	reply_text TEXT DEFAULT '' NOT NULL, 
	relay VARCHAR(255) DEFAULT '' NOT NULL, 
	claimed_at DATETIME, 
	handing_at DATETIME, 
	ended_at DATETIME, 
	PRIMARY KEY (id), 
	CONSTRAINT delivery_state_is_known CHECK (state IN ('pending', 'claimed', 'handing', 'sent', 'deferred', 'failed', 'unknown', 'skipped')), 
	FOREIGN KEY(edition_id) REFERENCES editions (id), 
	FOREIGN KEY(variant_id) REFERENCES variants (id), 
	UNIQUE (edition_id, subscriber_id)
);
CREATE TABLE editions (
	id INTEGER NOT NULL, 
	slot_id INTEGER NOT NULL, 
	newsletter VARCHAR(64) NOT NULL, 
	cadence VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	cut_seq INTEGER NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	paused_reason VARCHAR(64) DEFAULT '' NOT NULL, 
	snapshot TEXT NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	approved_hash VARCHAR(64) DEFAULT '' NOT NULL, 
	is_audience_accepted BOOLEAN DEFAULT (false) NOT NULL, 
	key_id VARCHAR(16) DEFAULT '' NOT NULL, 
	created_at DATETIME NOT NULL, 
	composed_at DATETIME NOT NULL, 
	frozen_at DATETIME, 
	frozen_count INTEGER DEFAULT '0' NOT NULL, 
	finished_at DATETIME, typed TEXT DEFAULT '' NOT NULL, is_edited BOOLEAN DEFAULT false NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT edition_state_is_known CHECK (state IN ('draft', 'approved', 'sending', 'paused', 'finished', 'cancelled')), 
	FOREIGN KEY(slot_id) REFERENCES slots (id)
);
INSERT INTO "editions" VALUES(1,1,'weekly','weekly',1,3,'approved','','{"cadence":"weekly","categories":["News","Sport"],"custom":[{"link":"All notices","paragraphs":["The library opens at nine."],"title":"Notices","url":"https://hill.example.org/notices"}],"cut_seq":3,"due_at":"2026-11-23T07:00:00Z","editor":"Nell Ferrars","home_url":"https://hill.example.org/","intro":["Good morning.","The frost is here."],"language":"en","last_cut_seq":0,"last_preheader":"","last_subject":"","max_posts_per_category":5,"newsletter":"weekly","number":1,"omitted":[],"policy_url":"https://hill.example.org/policy","poll":{"choices":["On foot","By bus"],"note":"One answer a reader","question":"How do you come to town?"},"preheader":"","since_seq":0,"slot":"2026-11-23T07:00","stories":[{"also_at":[],"author":"Anna","categories":["News"],"comment_count":1,"excerpt":"","image_alt":"","image_url":"","lead_excerpt":"","minutes":null,"not_quoted":[],"post_id":1,"published_at":"2026-11-22T15:00:00Z","quotes":[{"answers":null,"comment_id":1,"name":"Ruth Adeyemi","reason":{"code":"on-matter","text":"on the matter (1 shared word), 213 characters that say something, gives grounds or figures"},"text":"I was the engineer of the bridge in 1994. The railing was bolted to the outer beam and not to the deck, so the council should ask why the report of 2019, which said the beam had rusted through, was never published.","url":"https://hill.example.org/A-bridge-is-mended/#comment-1"}],"reason":{"code":"new","text":"new in News, of today"},"seq":1,"title":"A bridge is mended","url":"https://hill.example.org/A-bridge-is-mended/"},{"also_at":[],"author":"Anna","categories":["News"],"comment_count":0,"excerpt":"","image_alt":"","image_url":"","is_count_known":false,"lead_excerpt":"","minutes":null,"not_quoted":[],"post_id":2,"published_at":"2026-11-22T14:00:00Z","quotes":[],"reason":{"code":"new","text":"new in News, of today"},"seq":2,"title":"A mill turns again","url":"https://hill.example.org/A-mill-turns-again/"},{"also_at":[],"author":"Anna","categories":["News"],"comment_count":0,"excerpt":"","image_alt":"","image_url":"","is_count_known":false,"lead_excerpt":"","minutes":null,"not_quoted":[],"post_id":3,"published_at":"2026-11-22T13:00:00Z","quotes":[],"reason":{"code":"new","text":"new in News, of today"},"seq":3,"title":"A ferry is late","url":"https://hill.example.org/A-ferry-is-late/"}],"subject":"","support":{"link":"Support it","text":"The paper lives by its readers.","url":"https://hill.example.org/support"},"tagline":"Read from the harbour to the hill","theme":{"colours":[["accent","#7a1f1f"]],"logo_height":0,"logo_url":"","logo_width":0,"masthead":"text","sans":"","serif":""},"timezone":"UTC","title":"The Hill Paper in your inbox","typed_for":0}','697080b587e57fe77714a11bf9942afc8ccd20701826d7177396a1affb8b4d12','e82ed4c5ece233abe9fc8fc6fdf3772151f60473fbd36f74447cf97370767025',0,'','2026-11-22 17:00:00.000000','2026-11-22 17:00:00.000000',NULL,0,NULL,'',0);
CREATE TABLE feeds (
	id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	title TEXT DEFAULT '' NOT NULL, 
	format VARCHAR(16) DEFAULT '' NOT NULL, 
	etag TEXT DEFAULT '' NOT NULL, 
	last_modified TEXT DEFAULT '' NOT NULL, 
	body_hash VARCHAR(64) DEFAULT '' NOT NULL, 
	added_at DATETIME NOT NULL, 
	checked_at DATETIME, 
	read_at DATETIME, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	last_error TEXT DEFAULT '' NOT NULL, not_before DATETIME, manners TEXT DEFAULT '' NOT NULL, whole_at DATETIME, moved_to TEXT DEFAULT '' NOT NULL, moved_seen INTEGER DEFAULT '0' NOT NULL, moved_url TEXT DEFAULT '' NOT NULL, gone_at DATETIME, new_at DATETIME, rules_hash VARCHAR(64) DEFAULT '' NOT NULL, refused_hash VARCHAR(64) DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (url)
);
INSERT INTO "feeds" VALUES(1,'https://hill.example.org/feed/News','','','','','','2026-11-22 15:00:00.000000',NULL,NULL,0,'',NULL,'',NULL,'',0,'',NULL,NULL,'','');
CREATE TABLE meta (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	recipient VARCHAR(320) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	text TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	created_at DATETIME NOT NULL, 
	next_at DATETIME, 
	sent_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (kind, recipient, "key")
);
CREATE TABLE people (
	id INTEGER NOT NULL, 
	public_id VARCHAR(32) NOT NULL, 
	address VARCHAR(320) NOT NULL, 
	address_key VARCHAR(320) NOT NULL, 
	name VARCHAR(200) DEFAULT '' NOT NULL, 
	suppressed VARCHAR(200) DEFAULT '' NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (address_key), 
	UNIQUE (public_id)
);
INSERT INTO "people" VALUES(1,'Mak9TQGCLUygZzaILZgASA','reader0@example.net','reader0@example.net','','','2026-11-22 17:00:00.000000');
INSERT INTO "people" VALUES(2,'BXUEtxjhRJbIq1Atqt5mRQ','reader1@example.net','reader1@example.net','','','2026-11-22 17:00:00.000000');
CREATE TABLE pictures (
	id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	use VARCHAR(16) NOT NULL, 
	name VARCHAR(64) DEFAULT '' NOT NULL, 
	media_type VARCHAR(32) DEFAULT '' NOT NULL, 
	width INTEGER DEFAULT '0' NOT NULL, 
	height INTEGER DEFAULT '0' NOT NULL, 
	content BLOB, 
	fetched_at DATETIME NOT NULL, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	last_error TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (url, use)
);
CREATE TABLE "post_categories" (
	post_id INTEGER NOT NULL, 
	feed_id INTEGER NOT NULL, 
	category VARCHAR(200) NOT NULL, 
	PRIMARY KEY (post_id, feed_id, category), 
	FOREIGN KEY(feed_id) REFERENCES feeds (id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE
);
INSERT INTO "post_categories" VALUES(1,1,'News');
INSERT INTO "post_categories" VALUES(2,1,'News');
INSERT INTO "post_categories" VALUES(3,1,'News');
CREATE TABLE post_sources (
	post_id INTEGER NOT NULL, 
	feed_id INTEGER NOT NULL, 
	guid TEXT NOT NULL, 
	url_key TEXT NOT NULL, labels TEXT DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (post_id, feed_id), 
	FOREIGN KEY(feed_id) REFERENCES feeds (id), 
	FOREIGN KEY(post_id) REFERENCES posts (id) ON DELETE CASCADE
);
INSERT INTO "post_sources" VALUES(1,1,'A bridge is mended','https://hill.example.org/A-bridge-is-mended','[]');
INSERT INTO "post_sources" VALUES(2,1,'A mill turns again','https://hill.example.org/A-mill-turns-again','[]');
INSERT INTO "post_sources" VALUES(3,1,'A ferry is late','https://hill.example.org/A-ferry-is-late','[]');
CREATE TABLE posts (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	feed_id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	title TEXT NOT NULL, 
	author TEXT NOT NULL, 
	published_raw TEXT NOT NULL, 
	published_at DATETIME NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	summary_html TEXT NOT NULL, 
	content_html TEXT NOT NULL, 
	image_url TEXT NOT NULL, 
	image_alt TEXT NOT NULL, 
	feed_comment_count INTEGER, 
	content_hash VARCHAR(64) NOT NULL, 
	mailable BOOLEAN NOT NULL, 
	reason VARCHAR(32) DEFAULT '' NOT NULL, page_read_at DATETIME, page_failures INTEGER DEFAULT '0' NOT NULL, page_html TEXT DEFAULT '' NOT NULL, page_image_url TEXT DEFAULT '' NOT NULL, page_image_alt TEXT DEFAULT '' NOT NULL, image_bytes INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(feed_id) REFERENCES feeds (id), 
	UNIQUE (seq)
);
INSERT INTO "posts" VALUES(1,1,1,'https://hill.example.org/A-bridge-is-mended/','A bridge is mended','Anna','','2026-11-22 15:00:00.000000','2026-11-22 15:00:00.000000','2026-11-22 15:00:00.000000','','<p>Words.</p>','','',NULL,'A bridge is mended',1,'',NULL,0,'','','',NULL);
INSERT INTO "posts" VALUES(2,2,1,'https://hill.example.org/A-mill-turns-again/','A mill turns again','Anna','','2026-11-22 14:00:00.000000','2026-11-22 14:00:00.000000','2026-11-22 14:00:00.000000','','<p>Words.</p>','','',NULL,'A mill turns again',1,'',NULL,0,'','','',NULL);
INSERT INTO "posts" VALUES(3,3,1,'https://hill.example.org/A-ferry-is-late/','A ferry is late','Anna','','2026-11-22 13:00:00.000000','2026-11-22 13:00:00.000000','2026-11-22 13:00:00.000000','','<p>Words.</p>','','',NULL,'A ferry is late',1,'',NULL,0,'','','',NULL);
CREATE TABLE slots (
	id INTEGER NOT NULL, 
	newsletter VARCHAR(64) NOT NULL, 
	cadence VARCHAR(64) NOT NULL, 
	local_at VARCHAR(16) NOT NULL, 
	due_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (newsletter, cadence, local_at)
);
INSERT INTO "slots" VALUES(1,'weekly','weekly','2026-11-23T07:00','2026-11-23 07:00:00.000000','composed');
CREATE TABLE subscriptions (
	person_id INTEGER NOT NULL, 
	newsletter VARCHAR(64) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	categories TEXT DEFAULT '' NOT NULL, 
	cadence VARCHAR(64) DEFAULT '' NOT NULL, 
	language VARCHAR(35) DEFAULT '' NOT NULL, 
	text_size VARCHAR(16) DEFAULT 'normal' NOT NULL, 
	zone VARCHAR(64) DEFAULT '' NOT NULL, 
	hour INTEGER, 
	paused_until DATETIME, 
	seen_seq INTEGER, 
	joined_at DATETIME NOT NULL, 
	consent_at DATETIME, 
	consent_how VARCHAR(64) DEFAULT '' NOT NULL, 
	consent_text TEXT DEFAULT '' NOT NULL, 
	left_at DATETIME, 
	left_how VARCHAR(64) DEFAULT '' NOT NULL, 
	PRIMARY KEY (person_id, newsletter), 
	CONSTRAINT state_is_known CHECK (state IN ('pending', 'confirmed', 'left', 'bounced', 'complained')), 
	FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
INSERT INTO "subscriptions" VALUES(1,'weekly','confirmed','','','','normal','',NULL,NULL,NULL,'2026-10-23 17:00:00.000000',NULL,'','',NULL,'');
INSERT INTO "subscriptions" VALUES(2,'weekly','confirmed','','','','normal','',NULL,NULL,NULL,'2026-10-23 17:00:00.000000',NULL,'','',NULL,'');
CREATE TABLE suppressions (
	id INTEGER NOT NULL, 
	address_hash VARCHAR(64) NOT NULL, 
	key_id VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (address_hash)
);
CREATE TABLE variants (
	id INTEGER NOT NULL, 
	edition_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	categories TEXT DEFAULT '' NOT NULL, 
	since_seq INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	preheader TEXT NOT NULL, 
	story_count INTEGER NOT NULL, 
	pieces BLOB, 
	findings TEXT DEFAULT '[]' NOT NULL, language VARCHAR(35) DEFAULT '' NOT NULL, text_size VARCHAR(16) DEFAULT 'normal' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(edition_id) REFERENCES editions (id) ON DELETE CASCADE, 
	UNIQUE (edition_id, "key")
);
CREATE INDEX editions_newsletter ON editions (newsletter, id);
CREATE UNIQUE INDEX editions_one_per_slot ON editions (slot_id) WHERE state <> 'cancelled';
CREATE INDEX post_sources_url ON post_sources (url_key);
CREATE INDEX deliveries_open ON deliveries (edition_id, state, id) WHERE ended_at IS NULL;
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id, edition_id);
CREATE INDEX subscriptions_audience ON subscriptions (newsletter, state, person_id);
CREATE INDEX post_sources_guid ON post_sources (guid, feed_id);
CREATE INDEX post_sources_feed ON post_sources (feed_id, post_id);
CREATE INDEX posts_recent ON posts (feed_id, mailable, first_seen_at);
CREATE INDEX pictures_name ON pictures (name);
COMMIT;
